#include <streamhost/tcp_wire.hpp>

#include <gmock/gmock.h>

namespace streamhost {
namespace {

std::string to_text(const wire_message& message) {
    std::string all;
    for (const auto& piece : message.pieces) all += piece.as_text();
    return all;
}

TEST(tcp_wire_test, a_forwarded_pickle_is_the_same_buffer_behind_its_length) {
    const auto received = shared_bytes::adopt(std::string("\x80\x04K\x07.", 5));
    const auto forwarded = forward_pickle(received);
    EXPECT_EQ(to_text(forwarded), std::string("\5\0\0\0\0\0\0\0", 8) + std::string(received.as_text()));
    EXPECT_EQ(forwarded.pieces.back().data(), received.data()) << "nothing was copied";
}

TEST(tcp_wire_test, a_forwarded_message_has_one_hop_more_and_nothing_else) {
    framed::message received;
    received.head.type = framed::message_type::record;
    received.head.flags = 0x8000'0000;
    received.head.hops = 3;
    received.head.source = {{}, 7};
    received.head.epoch = 5;
    received.head.sequence = 1ULL << 40;
    received.head.steady_ns = -1;
    received.head.wall_ns = 2;
    received.head.format.fill(std::byte{9});
    received.payload = shared_bytes::adopt(std::string("payload"));
    const auto forwarded = forward_framed(received);
    EXPECT_EQ(forwarded.pieces.back().data(), received.payload.data()) << "nothing was copied";
    ++received.head.hops;
    const auto expected = framed::forward(received.head, received.payload);
    EXPECT_EQ(to_text(forwarded), std::string(expected.prefix.as_text()) + "payload");
}

TEST(tcp_wire_test, content_is_what_is_no_message_of_the_session) {
    using enum framed::message_type;
    for (const auto type : {video_frame, user, static_cast<framed::message_type>(31)}) EXPECT_TRUE(framed::is_content(type));
    for (const auto type : {any, ping, failure, static_cast<framed::message_type>(65535)}) {
        EXPECT_FALSE(framed::is_content(type));
    }
}

}  // namespace
}  // namespace streamhost
