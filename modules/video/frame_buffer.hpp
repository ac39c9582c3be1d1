#pragma once

#include <streamhost/assert.hpp>
#include <streamhost/media.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace streamhost::video {

/// A raw picture while only its maker can see it: rows from top to bottom without padding, as in `video_frame`.
/// The content is undefined until written, so a new picture costs no clearing. One thread at a time.
class frame_buffer {
public:
    /// Requires positive sides.
    frame_buffer(int width, int height, pixel_format format)
        : width_(width), height_(height), format_(format),
          row_bytes_(static_cast<std::size_t>(width) * bytes_per_pixel(format)) {
        STREAMHOST_ASSERT(width > 0 && height > 0);
        pixels_ = std::make_shared_for_overwrite<std::byte[]>(size());
    }

    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }
    pixel_format format() const noexcept { return format_; }
    std::size_t row_bytes() const noexcept { return row_bytes_; }
    std::size_t size() const noexcept { return row_bytes_ * static_cast<std::size_t>(height_); }

    std::byte* data() noexcept { return pixels_.get(); }
    /// Requires `0 <= y < height()`.
    std::span<std::byte> row(int y) noexcept { return {data() + row_bytes_ * static_cast<std::size_t>(y), row_bytes_}; }

    /// Turns the picture into an immutable frame without copying it; this object is of no further use.
    video_frame finish() && {
        auto bytes = std::span<const std::byte>(pixels_.get(), size());
        return {width_, height_, format_, shared_bytes(std::move(pixels_), bytes)};
    }

private:
    int width_;
    int height_;
    pixel_format format_;
    std::size_t row_bytes_;
    std::shared_ptr<std::byte[]> pixels_;
};

}  // namespace streamhost::video
