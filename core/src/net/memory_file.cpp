#include <streamhost/memory_file.hpp>

#include "net/descriptor.hpp"

#include <sys/mman.h>
#include <sys/uio.h>

#include <array>
#include <utility>

namespace streamhost {

memory_file::memory_file(memory_file&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), size_(std::exchange(other.size_, 0)) {}

memory_file& memory_file::operator=(memory_file&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(size_, other.size_);
    return *this;
}

memory_file::~memory_file() {
    if (handle_ >= 0) ::close(handle_);
}

result<memory_file> memory_file::make(std::span<const boost::asio::const_buffer> content) {
    std::array<iovec, 16> pieces;
    if (content.size() > pieces.size()) return errc::too_large;
    std::size_t size = 0;
    for (std::size_t i = 0; i < content.size(); ++i) {
        pieces[i] = {.iov_base = const_cast<void*>(content[i].data()), .iov_len = content[i].size()};
        size += content[i].size();
    }
    descriptor file(::memfd_create("streamhost", MFD_CLOEXEC));
    if (!file.valid()) return last_error();
    const auto written = ::writev(file.get(), pieces.data(), static_cast<int>(content.size()));
    if (written < 0) return last_error();
    if (static_cast<std::size_t>(written) != size) return errc::too_large;
    return memory_file(file.release(), size);
}

}  // namespace streamhost
