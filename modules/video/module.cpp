// The library video.so: what the family can do without OpenCV.
#include "tcp_client.hpp"
#include "tcp_server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::video {

STREAMHOST_MODULES(
    tcp_client,
    tcp_server)

}  // namespace streamhost::video
