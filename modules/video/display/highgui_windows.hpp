#pragma once

#include "window_system.hpp"

#include <map>
#include <string>
#include <utility>

namespace streamhost::video {

/// OpenCV's windows. Requires a display, see `probe_display()`, and the main thread.
class highgui_windows final : public window_system {
public:
    void show(const std::string& title, const video_frame& picture) override;
    void close(const std::string& title) override;
    bool is_open(const std::string& title) override;
    std::optional<char> handle_events() override;

private:
    void open(const std::string& title);

    std::map<std::string, std::pair<int, int>> sizes_;  // of the pictures in the open windows
    bool used_before_ = false;
};

}  // namespace streamhost::video
