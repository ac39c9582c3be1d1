#include "fake_camera.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>

namespace streamhost::video::test {
namespace {

constexpr std::size_t buffer_bytes = 4096 * 512;

/// An open camera: the memory that the driver shares with the program is a file in memory.
struct opened_camera {
    fake_camera* camera = nullptr;
    std::uint32_t buffers = 0;
    std::deque<std::uint32_t> queued;
};

std::map<std::string, fake_camera>* cameras = nullptr;
std::map<int, opened_camera>* opened = nullptr;

int fail(int code) {
    errno = code;
    return -1;
}

void fill(v4l2_pix_format& pixels, const fake_camera& camera) {
    pixels.width = static_cast<std::uint32_t>(camera.chosen_width);
    pixels.height = static_cast<std::uint32_t>(camera.chosen_height);
    pixels.pixelformat = camera.chosen_format;
    pixels.field = V4L2_FIELD_NONE;
    pixels.bytesperline = pixels.width * 2;
    pixels.sizeimage = static_cast<std::uint32_t>(buffer_bytes);
}

int set_format(fake_camera& camera, v4l2_format& format) {
    const auto wanted = format.fmt.pix;
    const auto known = std::ranges::find(camera.formats, wanted.pixelformat);
    camera.chosen_format = known != camera.formats.end() ? *known : camera.formats.front();
    const auto distance = [&](const std::pair<int, int>& size) {
        return std::abs(size.first - static_cast<int>(wanted.width)) +
               std::abs(size.second - static_cast<int>(wanted.height));
    };
    const auto nearest = *std::ranges::min_element(camera.sizes, {}, distance);
    camera.chosen_width = nearest.first;
    camera.chosen_height = nearest.second;
    fill(format.fmt.pix, camera);
    return 0;
}

int set_rate(fake_camera& camera, v4l2_streamparm& parameters) {
    camera.asked_rate = static_cast<int>(parameters.parm.capture.timeperframe.denominator);
    parameters.parm.capture.timeperframe = {1, static_cast<std::uint32_t>(camera.rate)};
    return 0;
}

int take_buffer(int device, opened_camera& at, v4l2_buffer& buffer) {
    if (at.camera->reads.empty()) return fail(ENODEV);
    if (at.queued.empty()) return fail(EINVAL);
    const auto next = std::move(at.camera->reads.front());
    at.camera->reads.pop_front();
    if (const auto* code = std::get_if<int>(&next)) return fail(*code);
    const auto& bytes = std::get<std::vector<std::byte>>(next);
    buffer.index = at.queued.front();
    at.queued.pop_front();
    buffer.bytesused = static_cast<std::uint32_t>(bytes.size());
    buffer.length = static_cast<std::uint32_t>(buffer_bytes);
    const auto written = ::pwrite(device, bytes.data(), bytes.size(), static_cast<off_t>(buffer.index * buffer_bytes));
    return written == static_cast<ssize_t>(bytes.size()) ? 0 : fail(EIO);
}

int answer(int device, opened_camera& at, unsigned long request, void* argument) {
    auto& camera = *at.camera;
    switch (request) {
        case VIDIOC_QUERYCAP: {
            auto& capability = *static_cast<v4l2_capability*>(argument);
            capability = {};
            std::memcpy(capability.card, camera.card.data(), std::min(camera.card.size(), sizeof capability.card));
            capability.device_caps = camera.capabilities;
            capability.capabilities = camera.capabilities | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_DEVICE_CAPS;
            return 0;
        }
        case VIDIOC_G_FMT:
            fill(static_cast<v4l2_format*>(argument)->fmt.pix, camera);
            return 0;
        case VIDIOC_S_FMT: return set_format(camera, *static_cast<v4l2_format*>(argument));
        case VIDIOC_G_PARM:
            static_cast<v4l2_streamparm*>(argument)->parm.capture.timeperframe = {1, static_cast<std::uint32_t>(camera.rate)};
            return 0;
        case VIDIOC_S_PARM: return set_rate(camera, *static_cast<v4l2_streamparm*>(argument));
        case VIDIOC_REQBUFS:
            at.buffers = static_cast<v4l2_requestbuffers*>(argument)->count;
            at.queued.clear();
            return ::ftruncate(device, static_cast<off_t>(at.buffers * buffer_bytes));
        case VIDIOC_QUERYBUF: {
            auto& buffer = *static_cast<v4l2_buffer*>(argument);
            buffer.length = static_cast<std::uint32_t>(buffer_bytes);
            buffer.m.offset = static_cast<std::uint32_t>(buffer.index * buffer_bytes);
            return 0;
        }
        case VIDIOC_QBUF:
            at.queued.push_back(static_cast<v4l2_buffer*>(argument)->index);
            return 0;
        case VIDIOC_DQBUF: return take_buffer(device, at, *static_cast<v4l2_buffer*>(argument));
        case VIDIOC_STREAMON:
        case VIDIOC_STREAMOFF: return 0;
        default: return fail(EINVAL);
    }
}

template <class Function>
Function* system_function(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

fake_camera& add_fake_camera(const std::string& path) {
    static std::map<std::string, fake_camera> all;
    static std::map<int, opened_camera> all_opened;
    cameras = &all;
    opened = &all_opened;
    return all[path];
}

void remove_fake_cameras() {
    if (cameras != nullptr) cameras->clear();
}

}  // namespace streamhost::video::test

using namespace streamhost::video::test;

extern "C" [[gnu::visibility("default")]] int open(const char* path, int flags, ...) {
    if (cameras != nullptr) {
        if (const auto found = cameras->find(path); found != cameras->end()) {
            auto& camera = found->second;
            if (camera.open_error != 0) return fail(camera.open_error);
            ++camera.times_opened;
            if (camera.chosen_width == 0) {
                camera.chosen_format = camera.formats.front();
                camera.chosen_width = camera.sizes.front().first;
                camera.chosen_height = camera.sizes.front().second;
            }
            const int device = ::memfd_create("camera", MFD_CLOEXEC);
            (*opened)[device] = {&camera, 0, {}};
            return device;
        }
    }
    std::va_list more;
    va_start(more, flags);
    const auto mode = va_arg(more, mode_t);
    va_end(more);
    static auto* const real = system_function<int(const char*, int, ...)>("open");
    return real(path, flags, mode);
}

extern "C" [[gnu::visibility("default")]] int close(int device) {
    if (opened != nullptr) {
        if (const auto found = opened->find(device); found != opened->end()) {
            ++found->second.camera->times_closed;
            opened->erase(found);
        }
    }
    static auto* const real = system_function<int(int)>("close");
    return real(device);
}

extern "C" [[gnu::visibility("default")]] int ioctl(int device, unsigned long request, ...) noexcept {
    std::va_list more;
    va_start(more, request);
    void* const argument = va_arg(more, void*);
    va_end(more);
    if (opened != nullptr) {
        if (const auto found = opened->find(device); found != opened->end()) {
            return answer(device, found->second, request, argument);
        }
    }
    static auto* const real = system_function<int(int, unsigned long, ...)>("ioctl");
    return real(device, request, argument);
}
