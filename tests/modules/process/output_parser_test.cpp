#include "output_parser.hpp"

#include <gmock/gmock.h>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace streamhost::process {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string shown(const port_table& ports, const output_parser::outcome& outcome) {
    if (!outcome) return (outcome.error().fatal ? "fatal: " : "refused: ") + outcome.error().text;
    const auto& content = outcome->content;
    auto line = ports[outcome->port].name + " ";
    if (*content.type == type_of<record>()) {
        line += boost::json::serialize(static_cast<const record*>(content.payload.get())->value);
    } else if (*content.type == type_of<text>()) {
        const auto& said = *static_cast<const text*>(content.payload.get());
        line += said.sender + ">" + said.line + ">" + said.recipient;
    } else if (*content.type == type_of<encoded_image>()) {
        const auto& image = *static_cast<const encoded_image*>(content.payload.get());
        line += std::to_string(image.width) + "x" + std::to_string(image.height) + " ";
        line += image.data.as_text();
    } else if (*content.type == type_of<video_frame>()) {
        const auto& frame = *static_cast<const video_frame*>(content.payload.get());
        line += std::to_string(frame.width) + "x" + std::to_string(frame.height) + " ";
        line += frame.pixels.as_text();
    } else if (*content.type == type_of<audio_block>()) {
        line += static_cast<const audio_block*>(content.payload.get())->samples.as_text();
    } else {
        line += static_cast<const bytes*>(content.payload.get())->data.as_text();
    }
    return line;
}

class output_parser_test : public ::testing::Test {
protected:
    /// Everything that comes of it, in pieces of every size that matters, the same each time.
    std::vector<std::string> parse(const std::string& written) {
        std::vector<std::string> first;
        for (const std::size_t piece : {written.size(), std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
            auto lines = parse_in_pieces(written, std::max<std::size_t>(piece, 1));
            if (first.empty()) first = lines;
            EXPECT_EQ(lines, first) << "in pieces of " << piece;
        }
        return first;
    }

    std::vector<std::string> parse_in_pieces(const std::string& written, std::size_t piece) {
        const auto ports = table_of(types);
        output_parser parser(ports, form, limits);
        std::vector<std::string> lines;
        auto all = std::as_bytes(std::span(written));
        while (!all.empty()) {
            auto some = all.first(std::min(piece, all.size()));
            all = all.subspan(some.size());
            while (const auto outcome = parser.next(some)) lines.push_back(shown(ports, *outcome));
        }
        if (const auto rest = parser.finish()) lines.push_back("rest: " + rest->text);
        return lines;
    }

    port_types types{{"readings", "record"}};
    message_form form = message_form::lines;
    output_limits limits;
};

TEST_F(output_parser_test, each_line_is_a_value) {
    EXPECT_THAT(parse("{\"a\": 1}\n\n7\r\n\"text\"\nnull\n[]\n"),
                ElementsAre("readings {\"a\":1}", "readings 7", "readings \"text\"", "readings null", "readings []"));
}

TEST_F(output_parser_test, the_only_port_may_be_named_too) {
    EXPECT_THAT(parse("{\"port\": \"readings\", \"value\": 5}\n"), ElementsAre("readings 5"));
    EXPECT_THAT(parse("{\"port\": \"/dev/ttyUSB0\", \"value\": 5}\n{\"port\": \"readings\", \"value\": 5, \"more\": 1}\n"),
                ElementsAre("readings {\"port\":\"/dev/ttyUSB0\",\"value\":5}",
                            "readings {\"port\":\"readings\",\"value\":5,\"more\":1}"))
        << "a reading that only looks like it";
}

TEST_F(output_parser_test, what_is_no_json_is_refused_and_the_next_line_read) {
    const auto lines = parse("hello\n{\"a\": NaN}\n{\"a\":\n\xff\xfe\n1 2\n{\"a\": 1}\n");
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_THAT(lines[0], AllOf(StartsWith("refused: a line is no JSON"), HasSubstr("hello")));
    EXPECT_THAT(lines[1], StartsWith("refused: a line is no JSON"));
    EXPECT_THAT(lines[2], StartsWith("refused: a line is no JSON"));
    EXPECT_EQ(lines[3], "refused: a line is not UTF-8");
    EXPECT_THAT(lines[4], StartsWith("refused: a line is no JSON"));
    EXPECT_EQ(lines[5], "readings {\"a\":1}");
}

TEST_F(output_parser_test, a_line_that_is_too_long_or_too_deep_is_refused) {
    limits.line_bytes = 100;
    EXPECT_THAT(parse('"' + std::string(98, 'x') + "\"\n"), ElementsAre(StartsWith("readings ")));
    EXPECT_THAT(parse('"' + std::string(99, 'x') + "\"\n2\n"),
                ElementsAre("refused: a line is longer than 100 bytes", "readings 2"));
    EXPECT_THAT(parse(std::string(40, '[') + std::string(40, ']') + "\n"), ElementsAre(HasSubstr("no JSON")));
}

TEST_F(output_parser_test, half_a_line_at_the_end_is_no_value) {
    EXPECT_THAT(parse("1\n12"), ElementsAre("readings 1", "rest: the last line has no end"));
}

TEST_F(output_parser_test, several_ports_have_to_be_named) {
    types = {{"readings", "record"}, {"said", "text"}};
    EXPECT_THAT(parse("{\"port\": \"said\", \"value\": \"hi\", \"sender\": \"a\", \"recipient\": \"b\"}\n"
                      "{\"port\": \"readings\", \"value\": {\"port\": 5}}\n"),
                ElementsAre("said a>hi>b", "readings {\"port\":5}"));
    const auto lines = parse("5\n{\"value\": 5}\n{\"port\": \"other\", \"value\": 5}\n{\"port\": 7, \"value\": 5}\n"
                             "{\"port\": \"said\", \"value\": 5}\n{\"port\": \"readings\"}\n");
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_THAT(lines[0], HasSubstr("does not say its port"));
    EXPECT_THAT(lines[1], HasSubstr("does not say its port"));
    EXPECT_EQ(lines[2], "refused: there is no output \"other\"");
    EXPECT_THAT(lines[3], HasSubstr("does not say its \"port\""));
    EXPECT_EQ(lines[4], "refused: a message of type text needs a text as its \"value\"");
    EXPECT_EQ(lines[5], "refused: a message of type record needs a \"value\"");
}

TEST_F(output_parser_test, a_text_alone_is_a_text) {
    types = {{"said", "text"}};
    EXPECT_THAT(parse("\"hi\"\n5\n"), ElementsAre("said >hi>", "refused: a message of type text is one text: \"like this\""));
}

TEST_F(output_parser_test, frames_bring_bytes_behind_their_line) {
    form = message_form::frames;
    types = {{"image", "encoded_image"}, {"frame", "video_frame"}, {"sound", "audio_block"}, {"raw", "bytes"},
             {"readings", "record"}};
    EXPECT_THAT(parse("{\"port\":\"image\",\"format\":\"jpeg\",\"width\":64,\"height\":48,\"bytes\":5}\n\n\xff{}\n"
                      "{\"port\":\"frame\",\"format\":\"gray8\",\"width\":2,\"height\":2,\"bytes\":4}\nabcd"
                      "{\"port\":\"sound\",\"format\":\"f32\",\"rate\":48000,\"channels\":1,\"bytes\":8}\nabcdefgh"
                      "{\"port\":\"raw\",\"bytes\":0}\n"
                      "{\"port\":\"raw\"}\n\n"
                      "{\"port\":\"readings\",\"value\":[1]}\n"),
                ElementsAre("image 64x48 \n\xff{}\n", "frame 2x2 abcd", "sound abcdefgh", "raw ", "raw ", "readings [1]"));
}

TEST_F(output_parser_test, the_only_port_of_frames_need_not_be_named) {
    form = message_form::frames;
    types = {{"raw", "bytes"}};
    EXPECT_THAT(parse("{\"bytes\":3}\nabc{\"port\":\"raw\",\"bytes\":1}\nd"), ElementsAre("raw abc", "raw d"));
}

TEST_F(output_parser_test, a_frame_that_makes_no_sense_is_skipped_with_its_bytes) {
    form = message_form::frames;
    types = {{"frame", "video_frame"}, {"image", "encoded_image"}, {"sound", "audio_block"}, {"text", "text"}};
    const auto lines = parse("{\"port\":\"other\",\"bytes\":2}\nab"
                             "{\"port\":\"frame\",\"format\":\"gray8\",\"width\":2,\"height\":2,\"bytes\":3}\nabc"
                             "{\"port\":\"frame\",\"format\":\"yuv\",\"width\":2,\"height\":2,\"bytes\":4}\nabcd"
                             "{\"port\":\"frame\",\"format\":\"gray8\",\"width\":5000,\"height\":2,\"bytes\":1}\na"
                             "{\"port\":\"image\",\"format\":\"jpeg\",\"width\":1,\"height\":1}\n"
                             "{\"port\":\"sound\",\"format\":\"s16\",\"rate\":1,\"channels\":2,\"bytes\":3}\nabc"
                             "{\"port\":\"sound\",\"format\":\"s16\",\"rate\":0,\"channels\":2,\"bytes\":4}\nabcd"
                             "{\"port\":\"text\",\"value\":\"a\",\"bytes\":1}\na"
                             "{\"port\":\"text\",\"value\":\"good\"}\n");
    ASSERT_EQ(lines.size(), 9u);
    EXPECT_EQ(lines[0], "refused: there is no output \"other\"");
    EXPECT_EQ(lines[1], "refused: a picture of 2x2 has 3 bytes instead of 4");
    EXPECT_THAT(lines[2], HasSubstr("needs \"format\" (\"bgr8\" or \"gray8\")"));
    EXPECT_THAT(lines[3], HasSubstr("from 1 to 4096"));
    EXPECT_THAT(lines[4], HasSubstr("the picture's \"bytes\""));
    EXPECT_EQ(lines[5], "refused: 3 bytes of sound are no whole frames of 4");
    EXPECT_THAT(lines[6], HasSubstr("\"rate\" from 1 to"));
    EXPECT_EQ(lines[7], "refused: a message of type text has no bytes behind its line");
    EXPECT_EQ(lines[8], "text >good>");
}

TEST_F(output_parser_test, a_header_that_cannot_be_read_ends_it_all) {
    form = message_form::frames;
    types = {{"raw", "bytes"}};
    limits.line_bytes = 64;
    limits.payload_bytes = 10;
    EXPECT_THAT(parse("hello\n{\"bytes\":1}\na"), ElementsAre(StartsWith("fatal: a line is no JSON")));
    EXPECT_THAT(parse("[]\n{\"bytes\":1}\na"), ElementsAre("fatal: a header is no JSON object"));
    EXPECT_THAT(parse("{\"bytes\":-1}\n"), ElementsAre("fatal: the \"bytes\" of a header are no whole number"));
    EXPECT_THAT(parse("{\"bytes\":\"1\"}\n"), ElementsAre("fatal: the \"bytes\" of a header are no whole number"));
    EXPECT_THAT(parse("{\"bytes\":1.5}\n"), ElementsAre("fatal: the \"bytes\" of a header are no whole number"));
    EXPECT_THAT(parse("{\"bytes\":11}\n"), ElementsAre("fatal: a message of 11 bytes is larger than 10"));
    EXPECT_THAT(parse("\xff\n"), ElementsAre("fatal: a line is not UTF-8"));
}

TEST_F(output_parser_test, a_header_without_end_is_not_waited_for) {
    form = message_form::frames;
    limits.line_bytes = 64;
    EXPECT_THAT(parse_in_pieces(std::string(1000, 'x'), 10), ElementsAre("fatal: a header is longer than 64 bytes"));
}

TEST_F(output_parser_test, half_a_frame_at_the_end_is_no_message) {
    form = message_form::frames;
    types = {{"raw", "bytes"}};
    EXPECT_THAT(parse("{\"bytes\":3}\nab"), ElementsAre("rest: the last message ends after 2 of 3 bytes"));
    EXPECT_THAT(parse(""), IsEmpty());
}

}  // namespace
}  // namespace streamhost::process
