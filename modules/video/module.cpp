// The library video.so: what the family can do without OpenCV.
#include "command_source.hpp"
#include "decode.hpp"
#include "encode.hpp"
#include "pattern_source.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(
    command_source,
    decode,
    encode,
    pattern_source,
    tcp_client,
    tcp_server)

}  // namespace streamhost::video
