#include <streamhost/tcp_wire.hpp>

#include <streamhost/wire/length_prefix.hpp>

#include <vector>

namespace streamhost {
namespace {

shared_bytes prefix_of(std::size_t size) {
    const auto length = length_prefix::encode(size);
    return shared_bytes::adopt(std::vector<std::byte>(length.begin(), length.end()));
}

}  // namespace

wire_message to_pickle_message(const pickle::pieces& content) {
    wire_message whole;
    whole.pieces.push_back(prefix_of(content.size()));
    whole.pieces.push_back(content.prefix);
    whole.pieces.push_back(content.body);
    whole.pieces.push_back(content.suffix);
    return whole;
}

wire_message to_framed_message(const message_header& header, const framed::payload& content) {
    const auto pieces = framed::encode(to_framed_header(header), content);
    wire_message whole;
    whole.pieces.push_back(pieces.prefix);
    whole.pieces.push_back(pieces.body);
    return whole;
}

wire_message forward_pickle(const shared_bytes& received) {
    wire_message whole;
    whole.pieces.push_back(prefix_of(received.size()));
    whole.pieces.push_back(received);
    return whole;
}

wire_message forward_framed(const framed::message& received) {
    auto head = received.head;
    ++head.hops;
    const auto pieces = framed::forward(head, received.payload);
    wire_message whole;
    whole.pieces.push_back(pieces.prefix);
    whole.pieces.push_back(pieces.body);
    return whole;
}

framed::header to_framed_header(const message_header& header) noexcept {
    framed::header head;
    head.source = {header.origin.boot, header.origin.instance};
    head.epoch = header.epoch;
    head.sequence = header.sequence;
    head.steady_ns = header.steady_ns;
    head.wall_ns = header.wall_ns;
    head.hops = header.hops;
    return head;
}

message_header from_framed_header(const framed::header& head) noexcept {
    message_header header;
    header.origin = {head.source.boot, head.source.instance};
    header.epoch = head.epoch;
    header.sequence = head.sequence;
    header.steady_ns = head.steady_ns;
    header.wall_ns = head.wall_ns;
    header.hops = head.hops + 1;
    return header;
}

}  // namespace streamhost
