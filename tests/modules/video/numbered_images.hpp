#pragma once

#include "sample_pictures.hpp"

#include <streamhost/media.hpp>

#include <cstring>
#include <optional>
#include <string_view>

namespace streamhost::video::test {

/// A small JPEG with its number in a comment, so that a test knows it again after any way.
inline encoded_image numbered_image(std::uint32_t number) {
    static const auto plain = jpeg_of(gradient(32, 24));
    auto jpeg = plain;
    std::byte comment[8] = {std::byte{0xFF}, std::byte{0xFE}, std::byte{0}, std::byte{6}};
    std::memcpy(comment + 4, &number, sizeof number);
    jpeg.insert(jpeg.begin() + 2, std::begin(comment), std::end(comment));
    return {32, 24, image_codec::jpeg, shared_bytes::adopt(std::move(jpeg))};
}

inline std::uint32_t number_of(const encoded_image& image) {
    std::uint32_t number = 0;
    std::memcpy(&number, image.data.data() + 6, sizeof number);
    return number;
}

}  // namespace streamhost::video::test
