#include "wire.hpp"

#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <array>

namespace streamhost::video {

wire_message to_pickle(const video_frame& frame) {
    const auto pieces = pickle::write_array(frame);
    const auto length = length_prefix::encode(pieces.size());
    wire_message content;
    content.pieces.push_back(shared_bytes::adopt(std::vector<std::byte>(length.begin(), length.end())));
    content.pieces.push_back(pieces.prefix);
    content.pieces.push_back(pieces.body);
    content.pieces.push_back(pieces.suffix);
    return content;
}

wire_message to_framed(const message_header& header, const framed::payload& content) {
    const auto pieces = framed::encode(to_framed_header(header), content);
    wire_message whole;
    whole.pieces.push_back(pieces.prefix);
    whole.pieces.push_back(pieces.body);
    return whole;
}

framed::header to_framed_header(const message_header& header) {
    framed::header head;
    head.source = {header.origin.boot, header.origin.instance};
    head.epoch = header.epoch;
    head.sequence = header.sequence;
    head.steady_ns = header.steady_ns;
    head.wall_ns = header.wall_ns;
    head.hops = header.hops;
    return head;
}

message_header from_framed_header(const framed::header& head) {
    message_header header;
    header.origin = {head.source.boot, head.source.instance};
    header.epoch = head.epoch;
    header.sequence = head.sequence;
    header.steady_ns = head.steady_ns;
    header.wall_ns = head.wall_ns;
    header.hops = head.hops + 1;
    return header;
}

}  // namespace streamhost::video
