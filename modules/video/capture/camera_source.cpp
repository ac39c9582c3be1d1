#include "camera_source.hpp"

#include "jpeg_header.hpp"
#include "matrix_pixels.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace streamhost::video {
namespace {

/// Cameras deliver a broken picture now and then, mostly at the start; this many in a row are a broken camera.
constexpr std::uint32_t most_damaged = 30;

/// Wider pictures do not fit through USB 2 raw at 30 a second.
constexpr int widest_raw = 640;

const source_failure no_permission{
    "permission denied", "join the group `video` with `sudo usermod -aG video $USER`, then log in again"};

/// What the kernel says about a node, before OpenCV, which keeps the reasons to itself, opens it.
struct examination {
    std::optional<source_failure> failure;
    std::string card;  ///< the camera's name
};

examination examine(const std::string& path) {
    const int device = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) {
        const int code = errno;
        if (code == EACCES || code == EPERM) return {no_permission, {}};
        if (code == ENOENT || code == ENODEV || code == ENXIO) return {source_failure{"no such device", {}}, {}};
        return {source_failure{std::generic_category().message(code), {}}, {}};
    }
    v4l2_capability capability{};
    const bool answers = ::ioctl(device, VIDIOC_QUERYCAP, &capability) == 0;
    ::close(device);
    const auto can = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps
                                                                           : capability.capabilities;
    if (!answers || (can & V4L2_CAP_VIDEO_CAPTURE) == 0) return {source_failure{"is no camera", {}}, {}};
    const auto* card = reinterpret_cast<const char*>(capability.card);
    return {std::nullopt, std::string(card, ::strnlen(card, sizeof capability.card))};
}

bool is_jpeg(double fourcc) {
    const auto format = static_cast<std::uint32_t>(fourcc);
    return format == V4L2_PIX_FMT_MJPEG || format == V4L2_PIX_FMT_JPEG;
}

std::optional<int> camera_number(const std::string& name) {
    constexpr std::string_view prefix = "video";
    if (!name.starts_with(prefix)) return std::nullopt;
    int number = 0;
    const auto* const end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + prefix.size(), end, number);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return number;
}

}  // namespace

std::vector<std::string> camera_paths(const std::string& folder) {
    std::vector<std::pair<int, std::string>> found;
    std::error_code code;
    for (std::filesystem::directory_iterator each(folder, code), end; !code && each != end; each.increment(code)) {
        if (const auto number = camera_number(each->path().filename().string())) {
            found.emplace_back(*number, each->path().string());
        }
    }
    std::ranges::sort(found);
    std::vector<std::string> paths;
    for (auto& [number, path] : found) paths.push_back(std::move(path));
    return paths;
}

std::optional<source_failure> camera_source::open() {
    capture_.release();
    const auto& path = request_.target.name;
    const auto seen = examine(path);
    if (seen.failure) return seen.failure;
    if (!capture_.open(path, cv::CAP_V4L2)) {
        return source_failure{"cannot be used as a camera", "does another program hold it?"};
    }
    configure();
    info_ = std::make_shared<const source_info>(source_info{
        .name = seen.card.empty() ? path : fmt::format("{} ({})", path, seen.card),
        .live = true,
        .rate = std::max(0.0, capture_.get(cv::CAP_PROP_FPS)),
        .gives_images = jpeg_,
    });
    return std::nullopt;
}

void camera_source::configure() {
    // The camera's own width is the height of a picture that is turned sideways.
    const bool sideways = request_.shape.sideways();
    int width = sideways ? request_.height : request_.width;
    int height = sideways ? request_.width : request_.height;
    if (width == 0) width = height * 4 / 3;
    if (height == 0) height = width * 3 / 4;
    if (request_.images || width > widest_raw) capture_.set(cv::CAP_PROP_FOURCC, V4L2_PIX_FMT_MJPEG);
    if (width > 0) {
        // Two calls, one change: OpenCV waits for the second one. The driver takes the nearest size that it has.
        capture_.set(cv::CAP_PROP_FRAME_WIDTH, width);
        capture_.set(cv::CAP_PROP_FRAME_HEIGHT, height);
    }
    if (request_.fps > 0) capture_.set(cv::CAP_PROP_FPS, std::ceil(request_.fps));
    jpeg_ = is_jpeg(capture_.get(cv::CAP_PROP_FOURCC));
    if (jpeg_) capture_.set(cv::CAP_PROP_CONVERT_RGB, 0);  // the bytes as they come
}

source_event camera_source::read() {
    for (std::uint32_t damaged = 0; damaged < most_damaged; ++damaged) {
        cv::Mat matrix;
        if (!capture_.read(matrix) || matrix.empty()) return loss();
        const auto taken = std::chrono::steady_clock::now();
        std::optional<source_picture> picture;
        if (jpeg_) {
            picture = picture_of_jpeg(std::move(matrix));
        } else if (auto frame = frame_of(std::move(matrix))) {
            picture.emplace();
            if (request_.frames) picture->frame = shaped(*frame, request_.shape);
        }
        if (!picture) continue;
        picture->from = info_;
        picture->taken = taken;
        picture->damaged = damaged;
        return std::move(*picture);
    }
    return source_failure{fmt::format("{} damaged pictures in a row", most_damaged), {}};
}

std::optional<source_picture> camera_source::picture_of_jpeg(cv::Mat bytes) {
    if (!bytes.isContinuous()) return std::nullopt;
    const auto all = bytes_of(std::move(bytes));
    const auto header = scan_jpeg(all.span());
    if (!header) return std::nullopt;
    source_picture picture;
    if (request_.frames) {
        const auto frame = decoder_.decode(all.span());
        if (!frame) return std::nullopt;
        picture.frame = shaped(*frame, request_.shape);
    }
    if (request_.images) {
        picture.image = encoded_image{header->width, header->height, image_codec::jpeg, all.slice(0, header->bytes)};
    }
    return picture;
}

source_failure camera_source::loss() const {
    if (::access(request_.target.name.c_str(), F_OK) != 0) return {"it is gone", {}};
    return {"it has stopped", {}};
}

}  // namespace streamhost::video
