#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/message.hpp>
#include <streamhost/wire/framed.hpp>

/// How the TCP modules of the family put pictures on a wire, and read them from one.
namespace streamhost::video {

enum class tcp_wire { pickle, framed };

/// A raw picture as the tutorials send it: length, pickle of a numpy array.
wire_message to_pickle(const video_frame& frame);

/// A message with its whole header.
wire_message to_framed(const message_header& header, const framed::payload& content);

framed::header to_framed_header(const message_header& header);
/// With this host as one more hop; the local time is not known from it.
message_header from_framed_header(const framed::header& header);

}  // namespace streamhost::video
