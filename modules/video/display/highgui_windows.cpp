#include "highgui_windows.hpp"

#include <opencv2/highgui.hpp>

#include <clocale>
#include <cstdlib>
#include <string_view>

namespace streamhost::video {

void highgui_windows::show(const std::string& title, const video_frame& picture) {
    if (!sizes_.contains(title)) open(title);
    auto& size = sizes_[title];
    const std::pair now(picture.width, picture.height);
    if (size != now) {
        size = now;
        cv::resizeWindow(title, picture.width, picture.height);
    }
    // OpenCV has no view of constant pixels; it only reads these, and keeps a copy.
    auto* const pixels = const_cast<std::byte*>(picture.pixels.data());
    cv::imshow(title, cv::Mat(picture.height, picture.width, CV_8UC(bytes_per_pixel(picture.format)), pixels));
}

void highgui_windows::open(const std::string& title) {
    if (!used_before_) {
        // Windows need X here, see probe_display(): a desktop that would have Qt talk Wayland, for which OpenCV's Qt
        // often lacks the plug-in, would make it end the process.
        const char* const platform = std::getenv("QT_QPA_PLATFORM");
        if (platform != nullptr && std::string_view(platform).starts_with("wayland")) {
            ::setenv("QT_QPA_PLATFORM", "xcb", 1);
        }
    }
    cv::namedWindow(title, cv::WINDOW_NORMAL | cv::WINDOW_KEEPRATIO | cv::WINDOW_GUI_NORMAL);
    // Qt switches the process to the user's locale, and with it the decimal point of every strtod().
    if (!used_before_) std::setlocale(LC_NUMERIC, "C");
    used_before_ = true;
}

void highgui_windows::close(const std::string& title) {
    if (sizes_.erase(title) == 0) return;
    if (cv::getWindowProperty(title, cv::WND_PROP_VISIBLE) >= 0) cv::destroyWindow(title);
}

bool highgui_windows::is_open(const std::string& title) {
    return sizes_.contains(title) && cv::getWindowProperty(title, cv::WND_PROP_VISIBLE) > 0;
}

std::optional<char> highgui_windows::handle_events() {
    if (sizes_.empty()) return std::nullopt;
    const int key = cv::pollKey();
    if (key < 0) return std::nullopt;
    return static_cast<char>(key & 0xff);
}

}  // namespace streamhost::video
