#pragma once

#include <streamhost/result.hpp>

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace streamhost {

/// The error of the system call before.
inline error_code last_error() { return {errno, boost::system::system_category()}; }

/// Owns one descriptor.
class descriptor {
public:
    explicit descriptor(int number) noexcept : number_(number) {}
    descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const noexcept { return number_; }
    int release() noexcept { return std::exchange(number_, -1); }
    bool valid() const noexcept { return number_ >= 0; }

private:
    int number_;
};

}  // namespace streamhost
