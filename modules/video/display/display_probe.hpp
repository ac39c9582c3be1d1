#pragma once

#include <memory>
#include <string>

namespace streamhost::video {

/// Whether windows can be opened.
struct display_probe {
    std::string missing;  ///< why not, for people; empty where they can
    /// To be kept until the windows are there: some X servers start afresh when their last client leaves, and would take
    /// the windows' connection down with that.
    std::shared_ptr<void> kept;
};

/// To be asked before any window is opened: Qt ends the process where it finds no display. So a display counts only when
/// a connection to it has been made; DISPLAY may be left over from an X server that is gone. Reads the environment.
/// Blocks; with a display on another machine for as long as a connection takes.
display_probe probe_display();

}  // namespace streamhost::video
