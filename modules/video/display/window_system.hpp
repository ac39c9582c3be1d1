#pragma once

#include <streamhost/media.hpp>

#include <optional>
#include <string>

namespace streamhost::video {

/// What can show pictures in windows. Windows are known by their titles. Main thread only; any call may throw what the
/// library behind it throws.
class window_system {
public:
    virtual ~window_system() = default;

    /// Opens the window where there is none of that title, and fits it to the picture where that has another size.
    virtual void show(const std::string& title, const video_frame& picture) = 0;
    /// No effect where the window is closed already.
    virtual void close(const std::string& title) = 0;
    /// False once the user has closed it.
    virtual bool is_open(const std::string& title) = 0;

    /// Draws, and takes what the user does. The key that was pressed in any of the windows.
    virtual std::optional<char> handle_events() = 0;
};

}  // namespace streamhost::video
