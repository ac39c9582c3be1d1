#include "websocket.hpp"

#include "page.hpp"

#include <gmock/gmock.h>

#include <random>

namespace streamhost::web {
namespace {

using test::client_frame;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t most = 64 * 1024;

/// What a reader makes of bytes: "text: hello", and the status where it breaks.
struct heard {
    std::vector<std::string> frames;
    std::optional<ws_status> broken;
};

heard hear(frame_reader& reader, std::string_view bytes) {
    heard all;
    all.broken = reader.feed(std::as_bytes(std::span(bytes.data(), bytes.size())), [&](ws_opcode opcode, std::span<const std::byte> payload) {
        all.frames.push_back(std::to_string(static_cast<int>(opcode)) + ": " +
                             std::string(reinterpret_cast<const char*>(payload.data()), payload.size()));
    });
    return all;
}

heard hear(std::string_view bytes, std::size_t message_bytes = most) {
    frame_reader reader(message_bytes);
    return hear(reader, bytes);
}

TEST(websocket, the_answer_to_a_key_is_the_one_of_the_standard) {
    EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");  // RFC 6455, 1.3
}

TEST(websocket, a_key_is_sixteen_bytes_in_base64) {
    EXPECT_TRUE(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
    for (const auto* key : {"", "x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZWE=", "dGhlIHNhbXBsZSBub25j\nZQ=="}) {
        EXPECT_FALSE(is_websocket_key(key)) << key;
    }
}

TEST(websocket, a_head_has_the_shortest_form_of_its_length) {
    const auto sizes = [](std::size_t payload) { return frame_head(ws_opcode::binary, payload).size(); };
    EXPECT_EQ(sizes(0), 2u);
    EXPECT_EQ(sizes(125), 2u);
    EXPECT_EQ(sizes(126), 4u);
    EXPECT_EQ(sizes(65535), 4u);
    EXPECT_EQ(sizes(65536), 10u);
    EXPECT_THAT(frame_head(ws_opcode::text, 256),
                ElementsAre(std::byte{0x81}, std::byte{126}, std::byte{1}, std::byte{0}));
}

TEST(websocket, messages_and_control_frames_are_read_in_pieces_of_any_size) {
    const auto bytes = client_frame(ws_opcode::text, "hello") + client_frame(ws_opcode::text, "Wor", false) +
                       client_frame(ws_opcode::ping, "now") + client_frame(ws_opcode::continuation, "", false) +
                       client_frame(ws_opcode::continuation, "ld") + client_frame(ws_opcode::binary, std::string(300, 'x')) +
                       client_frame(ws_opcode::close, "\x03\xE8 bye");
    for (std::size_t step = 1; step <= bytes.size(); step += step < 8 ? 1 : 97) {
        frame_reader reader(most);
        std::vector<std::string> frames;
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            const auto some = hear(reader, std::string_view(bytes).substr(at, step));
            EXPECT_FALSE(some.broken);
            frames.insert(frames.end(), some.frames.begin(), some.frames.end());
        }
        EXPECT_THAT(frames, ElementsAre("1: hello", "9: now", "1: World", "2: " + std::string(300, 'x'), "8: \x03\xE8 bye")) << step;
        EXPECT_TRUE(reader.over());
    }
}

TEST(websocket, what_has_begun_is_waited_for) {
    frame_reader reader(most);
    EXPECT_FALSE(reader.is_waiting_for_more());
    for (const auto& part : {client_frame(ws_opcode::text, "hel", false), client_frame(ws_opcode::continuation, "lo").substr(0, 1)}) {
        hear(reader, part);
        EXPECT_TRUE(reader.is_waiting_for_more());
    }
    hear(reader, client_frame(ws_opcode::continuation, "lo").substr(1));
    EXPECT_FALSE(reader.is_waiting_for_more());
}

TEST(websocket, who_breaks_the_rules_is_told_which) {
    const auto unmasked = std::string("\x81\x01x", 3);
    const auto reserved = std::string("\xC1\x80", 2) + std::string(4, '\0');
    const auto unknown = std::string("\x83\x80", 2) + std::string(4, '\0');
    const auto long_form_of_short = std::string("\x81\xFE\x00\x7D", 4) + std::string(4, '\0');
    const auto longer_form_of_short = std::string("\x81\xFF\0\0\0\0\0\0\xFF\xFF", 10) + std::string(4, '\0');
    const auto negative = std::string("\x81\xFF\xFF\0\0\0\0\0\0\0", 10) + std::string(4, '\0');
    const auto long_ping = std::string("\x89\xFE\x00\x7E", 4) + std::string(4, '\0');
    const struct {
        std::string bytes;
        ws_status status;
    } cases[] = {
        {unmasked, ws_status::protocol_error},
        {reserved, ws_status::protocol_error},
        {unknown, ws_status::protocol_error},
        {long_form_of_short, ws_status::protocol_error},
        {longer_form_of_short, ws_status::protocol_error},
        {negative, ws_status::protocol_error},
        {long_ping, ws_status::protocol_error},
        {client_frame(ws_opcode::ping, "", false), ws_status::protocol_error},
        {client_frame(ws_opcode::continuation, "x"), ws_status::protocol_error},
        {client_frame(ws_opcode::text, "a", false) + client_frame(ws_opcode::text, "b"), ws_status::protocol_error},
        {client_frame(ws_opcode::close, "x"), ws_status::protocol_error},
        {client_frame(ws_opcode::close, std::string("\x03\xED", 2)), ws_status::protocol_error},  // 1005 stands in no frame
        {client_frame(ws_opcode::close, "\x03\xE8\xFF"), ws_status::protocol_error},
        {client_frame(ws_opcode::text, "\xC0\xAF"), ws_status::invalid_text},
        {client_frame(ws_opcode::text, "\xE2\x82"), ws_status::invalid_text},
    };
    for (const auto& each : cases) {
        const auto said = hear(each.bytes);
        EXPECT_EQ(said.broken, each.status) << ::testing::PrintToString(each.bytes);
        EXPECT_THAT(said.frames, IsEmpty());
    }
}

TEST(websocket, a_length_is_judged_before_a_byte_of_it_is_kept) {
    const auto huge = std::string("\x82\xFF\0\0\0\x10\0\0\0\0", 10) + std::string(4, '\0');
    EXPECT_EQ(hear(huge).broken, ws_status::too_big);
    EXPECT_EQ(hear(client_frame(ws_opcode::text, std::string(most, 'x'))).broken, std::nullopt);
    EXPECT_EQ(hear(client_frame(ws_opcode::text, std::string(most + 1, 'x'))).broken, ws_status::too_big);
    // Also as the sum of fragments, which need no end.
    std::string pieces = client_frame(ws_opcode::text, std::string(1000, 'x'), false);
    for (int i = 0; i < 65; ++i) pieces += client_frame(ws_opcode::continuation, std::string(1000, 'x'), false);
    EXPECT_EQ(hear(pieces).broken, ws_status::too_big);
}

TEST(websocket, where_nothing_is_taken_only_control_frames_come) {
    EXPECT_THAT(hear(client_frame(ws_opcode::ping, "x"), 0).frames, ElementsAre("9: x"));
    EXPECT_EQ(hear(client_frame(ws_opcode::text, ""), 0).broken, ws_status::unsupported_data);
}

TEST(websocket, nothing_is_read_behind_the_end) {
    frame_reader reader(most);
    EXPECT_TRUE(hear(reader, std::string("\x81\x01x", 3)).broken);
    const auto more = hear(reader, client_frame(ws_opcode::text, "more"));
    EXPECT_FALSE(more.broken);
    EXPECT_THAT(more.frames, IsEmpty());
}

}  // namespace
}  // namespace streamhost::web
