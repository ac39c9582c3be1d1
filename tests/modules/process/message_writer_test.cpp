#include "message_writer.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace streamhost::process {
namespace {

shared_bytes some_bytes(std::size_t count) { return shared_bytes::adopt(std::vector<std::byte>(count, std::byte{7})); }

template <class T>
envelope message_of(T value) {
    auto content = make_envelope(std::move(value));
    content.header.sequence = 42;
    content.header.wall_ns = 1'700'000'000'000'000'000;
    return content;
}

TEST(message_writer, one_port_in_lines_is_the_value_itself) {
    const message_writer writer(table_of({{"readings", "record"}}), message_form::lines);
    const auto written = writer.write(0, message_of(record{boost::json::parse(R"({"a": [1, "x\ny"]})")}));
    EXPECT_EQ(written.line, R"({"a":[1,"x\ny"]})" "\n");
    EXPECT_TRUE(written.payload.empty());
    const message_writer speaker(table_of({{"said", "text"}}), message_form::lines);
    EXPECT_EQ(speaker.write(0, message_of(text{.line = "hello", .sender = "me"})).line, "\"hello\"\n");
}

TEST(message_writer, several_ports_in_lines_are_named) {
    const message_writer writer(table_of({{"a", "record"}, {"b", "text"}}), message_form::lines);
    EXPECT_EQ(writer.write(0, message_of(record{7})).line, R"({"port":"a","value":7})" "\n");
    EXPECT_EQ(writer.write(1, message_of(text{.line = "hello", .sender = "me", .recipient = "you"})).line,
              R"({"port":"b","value":"hello","sender":"me","recipient":"you"})" "\n");
}

TEST(message_writer, a_frame_says_what_stands_behind_it) {
    const message_writer writer(table_of({{"a", "audio_block"}, {"b", "bytes"}, {"c", "encoded_image"}, {"d", "video_frame"},
                                          {"e", "record"}}),
                                message_form::frames);
    const std::string stamps = R"("sequence":42,"time_ns":1700000000000000000,)";
    const auto sound = writer.write(0, message_of(audio_block{44100, 2, sample_format::s16, some_bytes(8)}));
    EXPECT_EQ(sound.line, R"({"port":"a",)" + stamps + R"("rate":44100,"channels":2,"format":"s16","bytes":8})" "\n");
    EXPECT_EQ(sound.payload.size(), 8u);
    const auto raw = writer.write(1, message_of(bytes{some_bytes(3)}));
    EXPECT_EQ(raw.line, R"({"port":"b",)" + stamps + R"("bytes":3})" "\n");
    const auto image = writer.write(2, message_of(encoded_image{64, 48, image_codec::jpeg, some_bytes(9)}));
    EXPECT_EQ(image.line, R"({"port":"c",)" + stamps + R"("width":64,"height":48,"format":"jpeg","bytes":9})" "\n");
    const auto frame = writer.write(3, message_of(video_frame{2, 1, pixel_format::gray8, some_bytes(2)}));
    EXPECT_EQ(frame.line, R"({"port":"d",)" + stamps + R"("width":2,"height":1,"format":"gray8","bytes":2})" "\n");
    const auto reading = writer.write(4, message_of(record{true}));
    EXPECT_EQ(reading.line, R"({"port":"e",)" + stamps + R"("value":true})" "\n");
    EXPECT_TRUE(reading.payload.empty());
}

}  // namespace
}  // namespace streamhost::process
