#pragma once

#include "datagram_picture.hpp"
#include "picture_packer.hpp"

namespace streamhost::video {

/// Pictures as datagrams of the wire `base64-jpeg`, each as one. What is too large for that is made smaller.
class datagram_packer final : public picture_packer {
public:
    explicit datagram_packer(module_context& host);

    awaitable<packed_picture> pack(message<encoded_image> picture) override;
    void number(std::span<std::byte>, std::uint64_t) const override {}

private:
    module_context& host_;
    datagram_fitter fitter_;
    counter& count_shrunk_;
    counter& count_failed_;
};

}  // namespace streamhost::video
