#include <streamhost/wire/length_prefix.hpp>

#include "wire/little_endian.hpp"

namespace streamhost::length_prefix {

std::array<std::byte, size> encode(std::uint64_t length) noexcept {
    std::array<std::byte, size> prefix;
    wire::store(prefix.data(), length);
    return prefix;
}

result<std::size_t> decode(std::span<const std::byte, size> prefix, std::size_t max_length) noexcept {
    const auto length = wire::load<std::uint64_t>(prefix.data());
    if (length == 0) return errc::malformed;
    if (length > max_length) return errc::too_large;
    return static_cast<std::size_t>(length);
}

}  // namespace streamhost::length_prefix
