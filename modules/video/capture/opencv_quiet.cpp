#include "opencv_quiet.hpp"

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>

#include <dlfcn.h>

#include <cstdarg>
#include <mutex>

namespace streamhost::video {
namespace {

int ignore_error(int, const char*, const char*, const char*, int, void*) { return 0; }

void ignore_line(void*, int, const char*, std::va_list) {}

}  // namespace

void quieten_opencv() {
    static std::once_flag done;
    std::call_once(done, [] {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        cv::redirectError(&ignore_error);  // what is thrown stays thrown
        // FFmpeg's callback, not its level: OpenCV sets that one itself when it opens its first file. The function is
        // looked up because FFmpeg comes with OpenCV here, and an OpenCV without it is as good.
        using line_callback = void (*)(void*, int, const char*, std::va_list);
        using set_callback = void (*)(line_callback);
        if (void* const found = ::dlsym(RTLD_DEFAULT, "av_log_set_callback")) {
            reinterpret_cast<set_callback>(found)(&ignore_line);
        }
    });
}

}  // namespace streamhost::video
