#pragma once

#include <streamhost/wire/framed.hpp>

#include "wire/little_endian.hpp"

#include <span>

namespace streamhost::framed {

/// Length prefix, header and the part of the payload that is not the body. Requires `head.hops` to be at most one above the limit.
shared_bytes encode_prefix(const header& head, std::span<const std::byte> before_body, std::size_t body_size);

}  // namespace streamhost::framed
