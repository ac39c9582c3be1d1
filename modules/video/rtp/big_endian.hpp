#pragma once

#include <boost/endian/conversion.hpp>

#include <cstddef>

namespace streamhost::video::rtp {

/// Reads an integer of `Bytes` bytes at `from`, in network byte order.
template <class Integer, std::size_t Bytes = sizeof(Integer)>
Integer load_big(const std::byte* from) noexcept {
    return boost::endian::endian_load<Integer, Bytes, boost::endian::order::big>(
        reinterpret_cast<const unsigned char*>(from));
}

/// Writes the lowest `Bytes` bytes of `value` at `to`, in network byte order.
template <class Integer, std::size_t Bytes = sizeof(Integer)>
void store_big(std::byte* to, Integer value) noexcept {
    boost::endian::endian_store<Integer, Bytes, boost::endian::order::big>(reinterpret_cast<unsigned char*>(to), value);
}

}  // namespace streamhost::video::rtp
