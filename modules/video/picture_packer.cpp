#include "picture_packer.hpp"

#include "datagram_packer.hpp"
#include "rtp_packer.hpp"

namespace streamhost::video {

std::unique_ptr<picture_packer> make_picture_packer(module_context& host, udp_wire wire) {
    if (wire == udp_wire::rtp) return std::make_unique<rtp_packer>(host);
    return std::make_unique<datagram_packer>(host);
}

}  // namespace streamhost::video
