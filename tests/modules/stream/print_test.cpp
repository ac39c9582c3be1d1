#include "modules/stream/stream_fixture.hpp"
#include "print.hpp"
#include "sample.hpp"

#include <streamhost/testing.hpp>

namespace streamhost::test {
namespace {

using stream_family::shown;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// What `stream.sample` sends in three and a half seconds.
template <class T>
std::vector<message<T>> samples(std::string_view settings) {
    testing::harness source(testing::type<stream_family::sample>(), settings);
    source.run_for(3500ms);
    return source.take<T>("messages");
}

TEST(sample_test, messages_of_every_type_come_once_a_period_and_the_first_at_once) {
    const auto records = samples<record>(R"({ "send": "record" })");
    ASSERT_THAT(records, SizeIs(4));
    for (int i = 0; i < 4; ++i) EXPECT_EQ(records[static_cast<std::size_t>(i)]->value.at("number"), i + 1);
    const auto texts = samples<text>(R"({ "send": "text" })");
    ASSERT_THAT(texts, SizeIs(4));
    EXPECT_EQ(texts[3]->line, "number 4");
    EXPECT_THAT(samples<bytes>(R"({ "send": "bytes", "period": "2s" })"), SizeIs(2));
}

TEST(sample_test, messages_end_after_their_count) {
    EXPECT_THAT(samples<text>(R"({ "send": "text", "count": 2 })"), SizeIs(2));
}

TEST(print_test, each_message_is_a_line_of_the_log_and_no_longer_than_it_may) {
    testing::harness screen(testing::type<stream_family::print>(), R"({ "characters": 20 })");
    EXPECT_TRUE(screen.feed("messages", text{"a line that is longer than twenty"}));
    EXPECT_TRUE(screen.feed("messages", record{boost::json::object{{"number", 1}}}));
    EXPECT_TRUE(screen.feed("messages", bytes{shared_bytes::adopt(std::string(8, 'x'))}));
    screen.run_for(1s);
    EXPECT_THAT(screen.log(), ElementsAre("info: a line that is longe", R"(info: {"number": 1})", "info: bytes, 8 bytes"));
}

TEST(print_test, a_line_says_who_has_sent_it) {
    EXPECT_EQ(shown(make_envelope(text{"hello", "somebody"})), "somebody: hello");
}

TEST(print_test, a_record_looks_as_people_write_json) {
    const record reading{
        boost::json::value{{"celsius", 19.5}, {"axes", {-1, 0.25, nullptr}}, {"on", true}, {"name", "a\"b"}}};
    EXPECT_EQ(shown(make_envelope(reading)),
              R"({"celsius": 19.5, "axes": [-1, 0.25, null], "on": true, "name": "a\"b"})");
}

TEST(print_test, what_is_no_text_is_shown_by_its_kind_and_size) {
    EXPECT_EQ(shown(make_envelope(numbered<video_frame>::make(1, 6000))), "a picture of 1000x2, 6000 bytes");
    const encoded_image image{64, 48, image_codec::jpeg, shared_bytes::adopt(std::string(900, 'x'))};
    EXPECT_EQ(shown(make_envelope(image)), "a JPEG of 64x48, 900 bytes");
    const audio_block block{8000, 1, sample_format::s16, shared_bytes::adopt(std::string(320, 'x'))};
    EXPECT_EQ(shown(make_envelope(block)), "sound, 160 frames at 8000 Hz, 320 bytes");
    EXPECT_THAT(shown(make_envelope(numbered<scan>::make(1, 0))), HasSubstr(" bytes"));
}

}  // namespace
}  // namespace streamhost::test
