#include "file_source.hpp"

#include "jpeg_header.hpp"
#include "matrix_pixels.hpp"
#include "shown_name.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace streamhost::video {
namespace {

/// Of a network that is silent.
constexpr auto patience = std::chrono::milliseconds(10'000);
/// Where a file does not say: what FFmpeg takes for sequences of pictures.
constexpr double usual_rate = 25;
/// Beyond this a rate is a clock's resolution that was taken for one.
constexpr double highest_rate = 1000;

bool is_sequence(const std::string& name) { return name.find('%') != std::string::npos; }

/// Whether a file fits a sequence's name up to its number, such as `img` of `img%03d.png`.
bool has_pictures(const std::string& name) {
    const std::filesystem::path pattern(name);
    const auto start = pattern.filename().string().substr(0, pattern.filename().string().find('%'));
    const auto folder = pattern.has_parent_path() ? pattern.parent_path() : std::filesystem::path(".");
    std::error_code code;
    for (std::filesystem::directory_iterator each(folder, code), end; !code && each != end; each.increment(code)) {
        const auto found = each->path().filename();
        if (found.extension() == pattern.extension() && found.string().starts_with(start)) return true;
    }
    return false;
}

/// What is wrong with a file before anybody looks into it; a sequence's name is no file's.
std::optional<source_failure> examine(const std::string& name) {
    if (is_sequence(name)) return std::nullopt;
    std::error_code code;
    const auto status = std::filesystem::status(name, code);
    if (status.type() == std::filesystem::file_type::not_found) {
        const auto folder = std::filesystem::current_path(code);
        const bool relative = !std::filesystem::path(name).is_absolute();
        return source_failure{relative && !code ? fmt::format("no such file in {}", folder.string()) : "no such file", {}};
    }
    if (code) return source_failure{code.message(), {}};
    if (status.type() == std::filesystem::file_type::directory) {
        return source_failure{"is a folder; a sequence of pictures is named like img%03d.png", {}};
    }
    return std::nullopt;
}

bool too_large(const video_frame& frame) {
    return frame.width > max_picture_side || frame.height > max_picture_side ||
           std::int64_t{frame.width} * frame.height > max_picture_pixels;
}

}  // namespace

file_source::file_source(source_target target, picture_shape shape) : target_(std::move(target)), shape_(shape) {}

std::optional<source_failure> file_source::open() {
    capture_.release();
    const bool remote = target_.kind == source_kind::url;
    if (!remote) {
        if (auto failure = examine(target_.name)) return failure;
    }
    const std::vector<int> limits{cv::CAP_PROP_OPEN_TIMEOUT_MSEC, static_cast<int>(patience.count()),
                                  cv::CAP_PROP_READ_TIMEOUT_MSEC, static_cast<int>(patience.count())};
    // Only FFmpeg: OpenCV would go on to ask a dozen other libraries about what is simply no video.
    if (!capture_.open(target_.name, cv::CAP_FFMPEG, limits)) {
        if (!remote && is_sequence(target_.name) && !has_pictures(target_.name)) {
            return source_failure{"no picture of this sequence is there", {}};
        }
        return source_failure{remote ? "cannot be reached, or is no video" : "cannot be read as a video", {}};
    }
    source_info info{.name = shown_name(target_.name)};
    const double rate = capture_.get(cv::CAP_PROP_FPS);
    info.rate = rate > 0 && rate <= highest_rate ? rate : usual_rate;
    info.live = remote && capture_.get(cv::CAP_PROP_FRAME_COUNT) <= 0;
    info_ = std::make_shared<const source_info>(std::move(info));
    return std::nullopt;
}

source_event file_source::read() {
    cv::Mat picture;  // a new one each time: the last one belongs to its frame
    if (!capture_.read(picture) || picture.empty()) {
        if (info_->live) return source_failure{"the stream has stopped", {}};
        return source_end{};
    }
    const auto taken = std::chrono::steady_clock::now();
    auto frame = frame_of(std::move(picture));
    if (!frame) return source_failure{"its pictures are neither gray nor in colour with 8 bits", {}};
    auto result = shaped(*frame, shape_);
    if (too_large(result)) {
        return source_failure{fmt::format("its pictures are too large: {}x{}", result.width, result.height),
                              "set `width`"};
    }
    return source_picture{.from = info_, .frame = std::move(result), .image = std::nullopt, .taken = taken};
}

}  // namespace streamhost::video
