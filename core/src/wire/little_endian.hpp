#pragma once

#include <cstddef>
#include <type_traits>

namespace streamhost::wire {

/// Reads an integer of `sizeof(Integer)` bytes at `from`, little endian.
template <class Integer>
Integer load(const std::byte* from) noexcept {
    std::make_unsigned_t<Integer> value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        value = static_cast<decltype(value)>(value | static_cast<decltype(value)>(from[i]) << (8 * i));
    return static_cast<Integer>(value);
}

/// Writes `sizeof(Integer)` bytes at `to`, little endian.
template <class Integer>
void store(std::byte* to, Integer value) noexcept {
    auto rest = static_cast<std::make_unsigned_t<Integer>>(value);
    for (std::size_t i = 0; i < sizeof(Integer); ++i)
        to[i] = static_cast<std::byte>(rest >> (8 * i) & 0xFF);
}

}  // namespace streamhost::wire
