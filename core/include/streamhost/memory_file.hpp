#pragma once

#include <streamhost/export.hpp>
#include <streamhost/result.hpp>

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <span>

namespace streamhost {

/// Bytes in the kernel's own pages (memfd_create(2)), which any number of sockets send without a copy. Never changes once
/// made, since pages may still be on their way when the last sender has gone. Movable; safe to read from any thread.
class STREAMHOST_API memory_file {
public:
    /// Copies the bytes once.
    static result<memory_file> make(std::span<const boost::asio::const_buffer> content);

    memory_file(memory_file&& other) noexcept;
    memory_file& operator=(memory_file&& other) noexcept;
    ~memory_file();

    int handle() const noexcept { return handle_; }
    std::size_t size() const noexcept { return size_; }

private:
    memory_file(int handle, std::size_t size) noexcept : handle_(handle), size_(size) {}

    int handle_;
    std::size_t size_;
};

}  // namespace streamhost
