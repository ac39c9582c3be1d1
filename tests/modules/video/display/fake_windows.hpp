#pragma once

#include "window_pump.hpp"

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace streamhost::video::test {

/// What a window system that is none was asked to do, and what its user does. One thread.
struct fake_desk {
    std::map<std::string, std::vector<video_frame>> windows;  ///< those that are open, with all that they have shown
    std::vector<std::string> closed;                          ///< because it was asked for
    std::optional<char> key;                                  ///< that is pressed next
    std::optional<std::string> crossed;                       ///< that the user closes next
    bool broken = false;
    int turns = 0;
};

class fake_windows final : public window_system {
public:
    explicit fake_windows(fake_desk& desk) : desk_(desk) {}

    void show(const std::string& title, const video_frame& picture) override {
        if (desk_.broken) throw std::runtime_error("no more colours");
        desk_.windows[title].push_back(picture);
    }
    void close(const std::string& title) override {
        desk_.windows.erase(title);
        desk_.closed.push_back(title);
    }
    bool is_open(const std::string& title) override { return desk_.windows.contains(title); }
    std::optional<char> handle_events() override {
        ++desk_.turns;
        if (const auto title = std::exchange(desk_.crossed, std::nullopt)) desk_.windows.erase(*title);
        return std::exchange(desk_.key, std::nullopt);
    }

private:
    fake_desk& desk_;
};

}  // namespace streamhost::video::test
