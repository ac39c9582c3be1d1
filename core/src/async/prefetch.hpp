#pragma once

#include <cstddef>

namespace streamhost {

/// Asks the processor for memory that will be used soon, and does not wait for it. `from` may be any address.
inline void prefetch(const void* from, std::size_t size) noexcept {
    constexpr std::size_t line = 64;
    for (std::size_t offset = 0; offset < size; offset += line) {
        __builtin_prefetch(static_cast<const std::byte*>(from) + offset);
    }
}

}  // namespace streamhost
