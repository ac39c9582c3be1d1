#pragma once

#include <memory>

namespace streamhost::video {

struct destroy_turbojpeg {
    void operator()(void* handle) const noexcept;
};

/// Owns a `tjhandle`: a compressor's or decompressor's tables and work space, kept from one picture to the next.
using turbojpeg_handle = std::unique_ptr<void, destroy_turbojpeg>;

}  // namespace streamhost::video
