#include "terminal/descriptor_output.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace streamhost {
namespace {

/// A descriptor that blocks takes so much without doing so, once `poll` says that there is room (PIPE_BUF is larger, and
/// so is what a terminal has).
constexpr std::size_t small_write = 256;

}  // namespace

void descriptor_output::write_some() {
    const auto count = ::write(descriptor_, waiting_.data(), std::min(waiting_.size(), small_write));
    if (count >= 0) {
        waiting_.erase(0, static_cast<std::size_t>(count));
    } else if (errno != EAGAIN && errno != EINTR) {
        broken_ = true;
        waiting_.clear();
    }
}

int open_again(int descriptor) {
    const auto path = fmt::format("/proc/self/fd/{}", descriptor);
    const int own = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return own >= 0 ? own : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
}

}  // namespace streamhost
