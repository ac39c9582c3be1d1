#pragma once

#include <optional>
#include <string>

namespace streamhost::video {

/// Why windows cannot be opened, for people; nothing where they can. To be asked before any window is: Qt ends the
/// process where it finds no display. So a display counts only when a connection to it has been made; DISPLAY may be
/// left over from an X server that is gone. Reads the environment. Blocks, with a display on another machine for as long
/// as a connection takes.
std::optional<std::string> missing_display();

}  // namespace streamhost::video
