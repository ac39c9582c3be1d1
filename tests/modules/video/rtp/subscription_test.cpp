#include "rtp/subscription.hpp"

#include "rtp/packet.hpp"
#include "rtp/session_description.hpp"

#include <gmock/gmock.h>

namespace streamhost::video::rtp {
namespace {

using ::testing::HasSubstr;

TEST(rtp_subscription, a_note_is_read_as_it_was_written_and_is_no_rtp) {
    cookie some;
    for (std::size_t i = 0; i < some.size(); ++i) some[i] = static_cast<std::byte>(200 + i);
    for (const auto says : {word::view, word::bye, word::cookie, word::refused}) {
        const auto datagram = write_note({says, some});
        EXPECT_EQ(datagram.size(), 64u);
        const auto read = read_note(datagram);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->says, says);
        EXPECT_EQ(read->cookie, some);
        EXPECT_FALSE(read_packet(datagram));
    }
}

TEST(rtp_subscription, anything_else_is_no_note) {
    const auto good = write_note({word::view});
    for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(read_note(std::span(good).first(i)));
    for (std::size_t i = 0; i <= 16; ++i) {
        auto changed = good;
        changed[i] ^= std::byte{0x80};
        EXPECT_FALSE(read_note(changed)) << i;
    }
    for (const int says : {0, 5, 255}) {
        auto changed = good;
        changed[16] = static_cast<std::byte>(says);
        EXPECT_FALSE(read_note(changed)) << says;
    }
}

TEST(rtp_session_description, names_address_port_and_kind) {
    const auto text = describe_session("camera", {"192.0.2.7", 5004}, 12);
    EXPECT_THAT(text, HasSubstr("v=0\r\no=- 12 1 IN IP4 192.0.2.7\r\ns=camera\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"));
    EXPECT_THAT(text, HasSubstr("m=video 5004 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"));
    EXPECT_THAT(describe_session("camera", {"2001:db8::1", 5004}, 12), HasSubstr("c=IN IP6 2001:db8::1\r\n"));
}

}  // namespace
}  // namespace streamhost::video::rtp
