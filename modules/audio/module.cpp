// The library audio.so: what the family can do without libraries of others.
#include "file_sink.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"
#include "tone.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::audio {

STREAMHOST_MODULES(
    file_sink,
    tcp_client,
    tcp_server,
    tone)

}  // namespace streamhost::audio
