#include "file_source.hpp"

#include "bar_code.hpp"
#include "capture.hpp"
#include "jpeg_encoder.hpp"
#include "opencv_quiet.hpp"
#include "test_pattern.hpp"
#include "../temporary_folder.hpp"

#include "runtime/machine_world.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>
#include <opencv2/videoio.hpp>

#include <cstring>
#include <fstream>
#include <vector>

namespace streamhost::video {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int width = 320;
constexpr int height = 240;

video_frame drawn(int number) {
    static const test_pattern pattern(width, height);
    return pattern.draw(static_cast<std::uint64_t>(number), std::chrono::milliseconds(number * 100));
}

cv::Mat view_of(const video_frame& frame) {
    return {frame.height, frame.width, CV_8UC3, const_cast<std::byte*>(frame.pixels.data())};
}

/// A clip without loss.
void write_clip(const std::string& path, int count, double rate = 30) {
    cv::VideoWriter writer(path, cv::VideoWriter::fourcc('F', 'F', 'V', '1'), rate, {width, height});
    ASSERT_TRUE(writer.isOpened());
    for (int i = 0; i < count; ++i) writer.write(view_of(drawn(i)));
}

void write_sequence(const test::temporary_folder& folder, int count) {
    jpeg_encoder encoder;
    for (int i = 0; i < count; ++i) {
        const auto image = encoder.encode(drawn(i), {.quality = 90}).value();
        std::ofstream file(folder / fmt::format("img{:03}.jpg", i), std::ios::binary);
        file.write(image.data.as_text().data(), static_cast<std::streamsize>(image.data.size()));
    }
}

/// Reads to the end. What ends it is a failure's text, or nothing.
struct reading {
    std::vector<video_frame> frames;
    std::string failure;
};

reading read_all(const std::string& name, picture_shape shape = {}) {
    reading result;
    file_source source({source_kind::file, name}, shape);
    if (const auto failure = source.open()) {
        result.failure = failure->reason;
        return result;
    }
    for (;;) {
        auto event = source.read();
        if (const auto* failure = std::get_if<source_failure>(&event)) result.failure = failure->reason;
        auto* const picture = std::get_if<source_picture>(&event);
        if (picture == nullptr) return result;
        result.frames.push_back(std::move(*picture->frame));
    }
}

class file_source_test : public ::testing::Test {
protected:
    file_source_test() { quieten_opencv(); }

    test::temporary_folder folder;
};

TEST_F(file_source_test, a_clip_gives_every_picture_exactly) {
    write_clip(folder / "clip.avi", 12, 25);
    const auto seen = read_all(folder / "clip.avi");
    ASSERT_EQ(seen.frames.size(), 12u);
    for (int i = 0; i < 12; ++i) {
        const auto& frame = seen.frames[static_cast<std::size_t>(i)];
        EXPECT_EQ(frame.width, width);
        EXPECT_EQ(frame.height, height);
        EXPECT_EQ(frame.format, pixel_format::bgr8);
        EXPECT_TRUE(std::ranges::equal(frame.pixels.span(), drawn(i).pixels.span())) << i;
    }
    EXPECT_THAT(seen.failure, IsEmpty());
}

TEST_F(file_source_test, a_clip_says_its_rate_and_starts_again_when_it_is_opened_again) {
    write_clip(folder / "clip.avi", 3, 25);
    file_source source({source_kind::file, folder / "clip.avi"}, {});
    for (int round = 0; round < 3; ++round) {
        ASSERT_FALSE(source.open());
        EXPECT_DOUBLE_EQ(source.info().rate, 25);
        EXPECT_FALSE(source.info().live);
        for (int i = 0; i < 3; ++i) {
            const auto event = source.read();
            EXPECT_EQ(read_bar_code(*std::get<source_picture>(event).frame), static_cast<std::uint16_t>(i));
        }
        EXPECT_TRUE(std::holds_alternative<source_end>(source.read()));
    }
}

TEST_F(file_source_test, a_sequence_of_pictures_is_a_film) {
    write_sequence(folder, 4);
    const auto seen = read_all(folder / "img%03d.jpg");
    ASSERT_EQ(seen.frames.size(), 4u);
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(read_bar_code(seen.frames[static_cast<std::size_t>(i)]), static_cast<std::uint16_t>(i));
    }
}

TEST_F(file_source_test, pictures_are_turned_and_then_scaled_to_the_width) {
    write_clip(folder / "clip.avi", 1);
    const auto same = read_all(folder / "clip.avi", {.width = 160}).frames.at(0);
    EXPECT_EQ(same.width, 160);
    EXPECT_EQ(same.height, 120);
    EXPECT_EQ(read_bar_code(same), 0);

    const auto turned = read_all(folder / "clip.avi", {.rotated = rotation::by_90, .width = 120}).frames.at(0);
    EXPECT_EQ(turned.width, 120);
    EXPECT_EQ(turned.height, 160);

    const auto mirrored = read_all(folder / "clip.avi", {.flipped = flip::horizontal}).frames.at(0);
    const auto plain = drawn(0);
    EXPECT_EQ(std::memcmp(mirrored.pixels.data(), plain.pixels.data() + (width - 1) * 3, 3), 0);
}

TEST_F(file_source_test, what_is_no_video_is_refused_in_words) {
    EXPECT_THAT(read_all(folder / "missing.avi").failure, HasSubstr("no such file"));
    EXPECT_THAT(read_all("missing.avi").failure, HasSubstr(std::filesystem::current_path().string()));
    EXPECT_THAT(read_all(folder / "img%03d.jpg").failure, HasSubstr("no picture of this sequence is there"));
    EXPECT_THAT(read_all(folder.path().string()).failure, HasSubstr("is a folder"));
    std::ofstream(folder / "notes.avi") << "This is not a film, although its name says so.";
    EXPECT_THAT(read_all(folder / "notes.avi").failure, HasSubstr("cannot be read as a video"));
    std::ofstream(folder / "empty.avi");
    EXPECT_THAT(read_all(folder / "empty.avi").failure, HasSubstr("cannot be read as a video"));
}

TEST_F(file_source_test, a_truncated_or_damaged_clip_ends_early_and_harms_nothing) {
    write_clip(folder / "clip.avi", 10);
    const auto size = std::filesystem::file_size(folder / "clip.avi");
    std::string whole(size, '\0');
    std::ifstream(folder / "clip.avi", std::ios::binary).read(whole.data(), static_cast<std::streamsize>(size));
    for (const auto part : {0.9, 0.5, 0.2, 0.05}) {
        const auto length = static_cast<std::streamsize>(static_cast<double>(size) * part);
        std::ofstream(folder / "short.avi", std::ios::binary).write(whole.data(), length);
        EXPECT_LT(read_all(folder / "short.avi").frames.size(), 10u) << part;
    }
    for (std::size_t seed = 1; seed <= 8; ++seed) {
        auto damaged = whole;
        for (auto at = seed * 997; at < size; at += size / 40) damaged[at] = static_cast<char>(at * seed);
        std::ofstream(folder / "damaged.avi", std::ios::binary).write(damaged.data(), static_cast<std::streamsize>(size));
        EXPECT_LE(read_all(folder / "damaged.avi").frames.size(), 10u) << seed;
    }
}

TEST_F(file_source_test, a_url_out_of_reach_is_a_failure_that_can_be_tried_again) {
    // Nobody listens on the discard port of loopback.
    file_source source({source_kind::url, "http://127.0.0.1:9/stream"}, {});
    const auto failure = source.open();
    ASSERT_TRUE(failure);
    EXPECT_THAT(failure->reason, HasSubstr("cannot be reached"));
}

TEST(picture_shape_test, the_height_follows_as_in_the_tutorials) {
    EXPECT_EQ(height_for_width(640, 480, 400), 300);
    EXPECT_EQ(height_for_width(1280, 720, 400), 225);
    EXPECT_EQ(height_for_width(1366, 768, 320), 179);
    EXPECT_EQ(height_for_width(640, 480, 1), 1);
}

/// Counts what arrives.
std::vector<int>* numbers = nullptr;

class number_reader final : public module {
public:
    static module_info describe() {
        return streamhost::describe<number_reader>("test.numbers", "reads bar codes").input<video_frame>("in", "pictures");
    }
    explicit number_reader(module_context& host) : in_(host.input<video_frame>("in")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto frame = co_await in_.next();
            if (!frame) break;
            numbers->push_back(read_bar_code(*frame).value_or(65535));
        }
    }

private:
    input<video_frame> in_;
};

TEST_F(file_source_test, a_host_plays_a_file_to_its_end_and_ends_with_it) {
    write_clip(folder / "clip.avi", 6, 200);
    std::vector<int> seen;
    numbers = &seen;
    streamhost::test::plan_builder plan;
    plan.add<capture>("camera", {{"source", folder / "clip.avi"}});
    plan.add<number_reader>("sink");
    plan.link("camera.frames", "sink.in");
    machine_world world;
    host_runtime host(plan.plan(), world);
    EXPECT_EQ(host.run({}), 0);
    EXPECT_THAT(seen, ElementsAre(0, 1, 2, 3, 4, 5));
}

}  // namespace
}  // namespace streamhost::video
