#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

/// Sockets on 127.0.0.1 for the programs for load, which use the kernel's calls themselves: what they cost is part of what
/// is measured. Errors throw `std::system_error` where nothing else is said.
namespace bench {

/// Owns a file descriptor.
class descriptor {
public:
    descriptor() = default;
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor();

    int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }

private:
    int number_ = -1;
};

/// The descriptor, or the error that made it negative.
descriptor check(int made, const char* what);

/// Not blocking. `port` 0: one that the kernel chooses.
descriptor listen_at(std::uint16_t port);
std::uint16_t local_port(const descriptor& socket);

/// Not blocking: it is connected once it can be written to. `receive_buffer` in bytes, 0: the kernel's own choice.
descriptor begin_connect(std::uint16_t port, int receive_buffer = 0);
/// Waits, and blocks from then on; tries again for 10 s while nobody listens.
descriptor connect_to(std::uint16_t port);
/// Waits for one; blocks from then on.
descriptor accept_from(const descriptor& listener);

void set_option(const descriptor& socket, int level, int option, int value);

/// Of a blocking socket; false where the other side is gone.
bool send_all(const descriptor& socket, std::string_view bytes);

/// A viewer needs a descriptor on either side.
void raise_descriptor_limit();

}  // namespace bench
