#include "modules/stream/stream_fixture.hpp"
#include "print.hpp"
#include "sample.hpp"

namespace streamhost::test {
namespace {

using stream_family::shown;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class print_test : public stream_fixture {
protected:
    /// What is printed of the samples of one type in three and a half seconds.
    std::vector<std::string> printed(boost::json::object sample, boost::json::object print = {}) {
        logged.clear();
        auto plan = host_of("robot");
        plan.add<stream_family::sample>("sample", std::move(sample));
        plan.add<stream_family::print>("print", std::move(print));
        plan.link("sample.messages", "print.messages");
        run(plan, [&](host_runtime&) { world.run_for(3500ms); });
        std::vector<std::string> lines;
        for (const auto& line : logged) {
            if (line.starts_with("print: ")) lines.push_back(line.substr(7));
        }
        return lines;
    }
};

TEST_F(print_test, samples_of_every_type_come_once_a_period_and_the_first_at_once) {
    EXPECT_THAT(printed({{"send", "record"}}),
                ElementsAre(R"({"number": 1})", R"({"number": 2})", R"({"number": 3})", R"({"number": 4})"));
    EXPECT_THAT(printed({{"send", "text"}}), ElementsAre("number 1", "number 2", "number 3", "number 4"));
    EXPECT_THAT(printed({{"send", "bytes"}, {"period", 2000}}), ElementsAre("bytes, 8 bytes", "bytes, 8 bytes"));
}

TEST_F(print_test, samples_end_after_their_count) {
    EXPECT_THAT(printed({{"send", "text"}, {"count", 2}}), ElementsAre("number 1", "number 2"));
}

TEST_F(print_test, a_line_is_no_longer_than_it_may) {
    EXPECT_THAT(printed({{"send", "text"}}, {{"characters", 4}}), ElementsAre("numb", "numb", "numb", "numb"));
    EXPECT_EQ(shown(make_envelope(text{"hello", "somebody"})), "somebody: hello");
}

TEST_F(print_test, a_record_looks_as_people_write_json) {
    const record reading{
        boost::json::value{{"celsius", 19.5}, {"axes", {-1, 0.25, nullptr}}, {"on", true}, {"name", "a\"b"}}};
    EXPECT_EQ(shown(make_envelope(reading)),
              R"({"celsius": 19.5, "axes": [-1, 0.25, null], "on": true, "name": "a\"b"})");
}

TEST_F(print_test, what_is_no_text_is_shown_by_its_kind_and_size) {
    EXPECT_EQ(shown(make_envelope(numbered<video_frame>::make(1, 6000))), "a picture of 1000x2, 6000 bytes");
    const encoded_image image{64, 48, image_codec::jpeg, shared_bytes::adopt(std::string(900, 'x'))};
    EXPECT_EQ(shown(make_envelope(image)), "a JPEG of 64x48, 900 bytes");
    const audio_block block{8000, 1, sample_format::s16, shared_bytes::adopt(std::string(320, 'x'))};
    EXPECT_EQ(shown(make_envelope(block)), "sound, 160 frames at 8000 Hz, 320 bytes");
    EXPECT_THAT(shown(make_envelope(numbered<scan>::make(1, 0))), HasSubstr(" bytes"));
}

}  // namespace
}  // namespace streamhost::test
