#include "rtp/session_description.hpp"

#include "rtp/packet.hpp"

#include <fmt/format.h>

namespace streamhost::video::rtp {

std::string describe_session(std::string_view name, const net_address& receiver, std::uint64_t session_id) {
    const auto* const family = receiver.host.find(':') == std::string::npos ? "IP4" : "IP6";
    // Lines end in CR LF; the name was checked as a name of a host or an instance, so it has none.
    return fmt::format("v=0\r\n"
                       "o=- {0} 1 IN {1} {2}\r\n"
                       "s={3}\r\n"
                       "c=IN {1} {2}\r\n"
                       "t=0 0\r\n"
                       "m=video {4} RTP/AVP {5}\r\n"
                       "a=rtpmap:{5} JPEG/{6}\r\n"
                       "a=extmap:1 urn:x-streamhost:boot\r\n"
                       "a=extmap:2 urn:x-streamhost:number\r\n"
                       "a=extmap:3 urn:x-streamhost:time\r\n"
                       "a=extmap:4 urn:x-streamhost:picture\r\n",
                       session_id, family, receiver.host, name, receiver.port, jpeg_payload_type, clock_rate);
}

}  // namespace streamhost::video::rtp
