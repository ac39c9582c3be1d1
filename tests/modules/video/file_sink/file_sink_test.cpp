#include "file_sink.hpp"

#include "numbered_images.hpp"
#include "picture_ends.hpp"
#include "support/simulated_host.hpp"
#include "temporary_folder.hpp"
#include "video_reader.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <csignal>
#include <fstream>

namespace streamhost::video {
namespace {

using ::streamhost::test::plan_builder;
using test::metric;
using test::number_of;
using test::numbered_image;
using test::read_video;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

using image_script = test::scripted_source<encoded_image>;

class file_sink_test : public ::testing::Test {
protected:
    file_sink_test() { image_script::script = &script; }

    void add_pictures(std::uint32_t from, std::uint32_t to) {
        for (auto i = from; i <= to; ++i) script.push_back(numbered_image(i));
    }
    encoded_image of_size(int width, int height) {
        return {width, height, image_codec::jpeg,
                shared_bytes::adopt(test::jpeg_of(test::gradient(width, height)))};
    }

    /// Records the script, a picture each 100 ms.
    int record(const std::string& file) {
        plan_builder plan;
        plan.add<image_script>("source");
        plan.add<file_sink>("file", {{"file", file}});
        plan.link("source.pictures", "file.images");
        host_runtime host(plan.plan(), world.add_host());
        const int status = host.run({});
        after = host.snapshot();
        return status;
    }
    std::string failure() const { return after.instances[1].failure; }

    static std::vector<std::uint32_t> numbers_in(const std::string& file) {
        std::vector<std::uint32_t> numbers;
        for (const auto& each : read_video(file).pictures) numbers.push_back(number_of({0, 0, image_codec::jpeg, each}));
        return numbers;
    }

    std::vector<encoded_image> script;
    test::temporary_folder folder;
    simulation world{1};
    host_snapshot after;
};

TEST_F(file_sink_test, records_every_picture_to_the_end_of_the_stream) {
    add_pictures(1, 50);
    EXPECT_EQ(record(folder / "run.mkv"), 0);
    const auto content = read_video(folder / "run.mkv");
    ASSERT_EQ(content.pictures.size(), 50u);
    EXPECT_EQ(content.times_ms.back(), 4900) << "with the times at which they were made";
    EXPECT_EQ(metric(after, "file", "pictures_written"), 50u);
}

TEST_F(file_sink_test, a_file_that_is_there_stays_and_the_next_number_is_taken) {
    std::ofstream(folder / "run.avi") << "precious";
    add_pictures(1, 3);
    EXPECT_EQ(record(folder / "run.avi"), 0);
    EXPECT_EQ(std::filesystem::file_size(folder / "run.avi"), 8u);
    EXPECT_THAT(numbers_in(folder / "run-2.avi"), ElementsAre(1, 2, 3));
    EXPECT_EQ(record(folder / "run.avi"), 0);
    EXPECT_THAT(numbers_in(folder / "run-3.avi"), ElementsAre(1, 2, 3));
}

TEST_F(file_sink_test, pictures_of_another_size_begin_a_new_file) {
    script = {of_size(32, 24), of_size(32, 24), of_size(48, 24), of_size(32, 24)};
    EXPECT_EQ(record(folder / "run.mp4"), 0);
    EXPECT_EQ(read_video(folder / "run.mp4").pictures.size(), 2u);
    EXPECT_EQ(read_video(folder / "run-2.mp4").width, 48);
    EXPECT_EQ(read_video(folder / "run-3.mp4").pictures.size(), 1u);
    EXPECT_EQ(metric(after, "file", "files_opened"), 3u);
}

TEST_F(file_sink_test, no_picture_makes_no_file) {
    EXPECT_EQ(record(folder / "run.mkv"), 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "run.mkv"));
}

TEST_F(file_sink_test, a_full_disk_costs_pictures_and_a_new_file_is_tried) {
    // Files may not grow beyond some pictures: as a disk that is full, again and again.
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto each = numbered_image(1).data.size();
    const rlimit small{each * 20, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    add_pictures(1, 200);
    const int status = record(folder / "run.mkv");
    ::setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(status, 0) << failure();
    const auto first = numbers_in(folder / "run.mkv");
    const auto second = numbers_in(folder / "run-2.mkv");
    ASSERT_FALSE(first.empty());
    ASSERT_FALSE(second.empty());
    EXPECT_EQ(first.front(), 1u);
    EXPECT_GT(second.front(), first.back() + 40) << "five seconds later";
    EXPECT_GT(metric(after, "file", "write_errors"), 1u);
    EXPECT_GT(metric(after, "file", "pictures_dropped"), 80u);
}

TEST_F(file_sink_test, a_folder_that_is_not_there_is_the_operators_to_mend) {
    EXPECT_EQ(record("/nowhere/run.mkv"), 1);
    EXPECT_THAT(failure(), HasSubstr("there is no folder /nowhere to record in"));
}

TEST_F(file_sink_test, a_name_of_no_known_kind_is_refused) {
    EXPECT_THROW(file_sink::check({.file = "run.mov"}), configuration_error);
    EXPECT_NO_THROW(file_sink::check({.file = "run.mkv"}));
}

}  // namespace
}  // namespace streamhost::video
