#pragma once

#include <streamhost/media.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

/// Pictures that the tests share.
namespace streamhost::video::test {

using byte_vector = std::vector<std::byte>;

/// Slow changes of all three colours: what JPEG is good at.
video_frame gradient(int width, int height, pixel_format format = pixel_format::bgr8);
/// Every byte random: what JPEG is bad at. The same seed gives the same picture.
video_frame noise(int width, int height, std::uint32_t seed = 1);
/// Every pixel differs from its neighbours and has its place in its value.
video_frame numbered(int width, int height, pixel_format format);

enum class jpeg_kind { baseline, progressive };
byte_vector jpeg_of(const video_frame& frame, int quality = 80, jpeg_kind kind = jpeg_kind::baseline);

/// Where the marker `0xFF code` first stands.
std::size_t find_marker(std::span<const std::byte> jpeg, std::uint8_t code);
/// The JPEG with other numbers in its frame header; nothing else changes.
byte_vector claiming_size(byte_vector jpeg, int width, int height);
/// A progressive JPEG whose last scan is repeated until there are `scans` of them.
byte_vector with_scans(int scans);

/// Peak signal to noise ratio in dB, of two pictures of the same size and format.
double psnr(const video_frame& a, const video_frame& b);

bool same_pixels(const video_frame& a, const video_frame& b);

}  // namespace streamhost::video::test
