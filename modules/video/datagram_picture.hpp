#pragma once

#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"

#include <streamhost/media.hpp>
#include <streamhost/result.hpp>

#include <cstddef>
#include <span>

/// Pictures in datagrams of the wire `base64-jpeg` (docs/wire.md).
namespace streamhost::video {

/// The picture that a datagram from anywhere carries, its markers scanned. Nothing is decoded; bytes behind the picture
/// are left out. Errors: those of `base64_jpeg::decode` and of `scan_jpeg`. Any thread.
result<encoded_image> picture_in(std::span<const std::byte> datagram);

/// Whether the picture becomes a datagram as it is.
bool fits_datagram(const encoded_image& image) noexcept;

/// Makes pictures fit: one that is too large for a datagram is decoded and encoded with less quality, then with fewer
/// pixels, until it does. Blocks for those: meant for a worker pool. One thread at a time; one object per stream.
class datagram_fitter {
public:
    /// The picture itself where it fits. Errors: those of `jpeg_decoder::decode`.
    result<encoded_image> fit(const encoded_image& image);

private:
    jpeg_decoder decoder_;
    jpeg_encoder encoder_;
};

}  // namespace streamhost::video
