// The library video.so: what the family can do without OpenCV.
#include "command_source.hpp"
#include "decode.hpp"
#include "encode.hpp"
#include "pattern_source.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"
#include "udp_client.hpp"
#include "udp_receiver.hpp"
#include "udp_sender.hpp"
#include "udp_server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(
    command_source,
    decode,
    encode,
    pattern_source,
    tcp_client,
    tcp_server,
    udp_client,
    udp_receiver,
    udp_sender,
    udp_server)

}  // namespace streamhost::video
