#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace streamhost::test {

/// The SHA-256 of the bytes in hexadecimal digits, as `sha256sum` and Python's hashlib print it (FIPS 180-4).
std::string sha256(std::span<const std::byte> bytes);

}  // namespace streamhost::test
