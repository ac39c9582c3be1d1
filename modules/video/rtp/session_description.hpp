#pragma once

#include <streamhost/net.hpp>

#include <string>
#include <string_view>

namespace streamhost::video::rtp {

/// What a player needs to receive the stream that is sent to `receiver`, as a file of SDP (RFC 8866). `session_id` tells
/// two runs of a sender apart. Requires a host that is a number.
std::string describe_session(std::string_view name, const net_address& receiver, std::uint64_t session_id);

}  // namespace streamhost::video::rtp
