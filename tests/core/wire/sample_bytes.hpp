#pragma once

#include <streamhost/bytes.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// Bytes for the tests of the wires, and where they come from.
namespace streamhost::testing {

/// A copy on the heap of exactly that size, so that a sanitizer sees a read beyond its end.
shared_bytes exact_copy(std::string_view content);
std::string to_string(std::span<const std::byte> bytes);

std::string read_file(const std::filesystem::path& path);

/// Byte k is (7 k + 3) mod 256; character k is chr(33 + k mod 90): the same as python_pickles.py makes.
std::string counted_bytes(std::size_t count);
std::string counted_text(std::size_t count);

/// The messages of a byte stream in which each stands behind its length.
std::vector<std::string> split(std::string_view stream);

/// A Python that has numpy; empty where there is none.
std::string python_with_numpy();
/// What the command writes to its standard output; fails the test where its status is not 0.
std::string output_of(const std::string& command);

}  // namespace streamhost::testing
