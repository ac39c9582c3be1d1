#include "picture_file.hpp"

#include "numbered_images.hpp"
#include "recording_name.hpp"
#include "temporary_folder.hpp"
#include "video_reader.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using test::numbered_image;
using test::read_video;
using test::temporary_folder;

struct kind {
    const char* end;
    file_format format;
};

class picture_file_test : public ::testing::TestWithParam<kind> {
protected:
    std::string path() const { return folder / (std::string("run") + GetParam().end); }
    picture_file_options options() const { return {GetParam().format, 32, 24, 25}; }
    std::unique_ptr<picture_file> create() const {
        auto made = picture_file::create(path(), options());
        EXPECT_TRUE(made) << made.error().message();
        return made ? std::move(*made) : nullptr;
    }
    /// The `number`th picture of a steady 25 a second, 0 the first.
    static result<void> write(picture_file& to, std::uint32_t number) {
        return to.write(numbered_image(number).data.span(), number * 40ms);
    }
    void expect_pictures(std::size_t least, std::size_t most) const {
        const auto content = read_video(path());
        ASSERT_TRUE(content.readable);
        EXPECT_EQ(content.width, 32);
        EXPECT_EQ(content.height, 24);
        ASSERT_GE(content.pictures.size(), least);
        ASSERT_LE(content.pictures.size(), most);
        for (std::uint32_t i = 0; i < content.pictures.size(); ++i) {
            EXPECT_TRUE(std::ranges::equal(content.pictures[i].span(), numbered_image(i).data.span())) << i;
            EXPECT_EQ(content.times_ms[i], i * 40) << i;
        }
    }

    temporary_folder folder;
};

INSTANTIATE_TEST_SUITE_P(, picture_file_test,
                         ::testing::Values(kind{".mkv", file_format::mkv}, kind{".avi", file_format::avi},
                                           kind{".mp4", file_format::mp4}),
                         [](const auto& parameter) { return std::string(parameter.param.end + 1); });

TEST_P(picture_file_test, keeps_every_picture_byte_by_byte_with_its_time) {
    const auto file = create();
    for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(write(*file, i));
    EXPECT_TRUE(file->finish());
    EXPECT_EQ(write(*file, 100).error().value(), EBADF);
    expect_pictures(100, 100);
}

TEST_P(picture_file_test, is_ended_by_the_destructor_too) {
    {
        const auto file = create();
        for (std::uint32_t i = 0; i < 10; ++i) ASSERT_TRUE(write(*file, i));
    }
    expect_pictures(10, 10);
}

TEST_P(picture_file_test, can_be_played_although_its_writer_was_killed) {
    const auto child = ::fork();
    if (child == 0) {
        auto file = picture_file::create(path(), options());
        for (std::uint32_t i = 0; i < 90; ++i) (void)write(**file, i);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    expect_pictures(90 - 13, 90);  // half a second, and the one on its way
}

TEST_P(picture_file_test, can_be_played_although_the_disk_was_full) {
    const auto child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{40'000, 40'000};
        ::setrlimit(RLIMIT_FSIZE, &small);
        auto file = picture_file::create(path(), options());
        int refused = 0;
        for (std::uint32_t i = 0; i < 1000 && refused == 0; ++i) {
            const auto done = write(**file, i);
            if (!done) refused = done.error().value();
        }
        const bool takes_no_more = !write(**file, 1000);
        ::_exit(refused == EFBIG && takes_no_more ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    EXPECT_LE(std::filesystem::file_size(path()), 40'000u);
    const auto each = numbered_image(0).data.size();
    expect_pictures(40'000 / (each + 300) - 13, 40'000 / each);
}

TEST_P(picture_file_test, never_replaces_a_file) {
    std::ofstream(path()) << "precious";
    EXPECT_EQ(picture_file::create(path(), options()).error().value(), EEXIST);
    EXPECT_EQ(std::filesystem::file_size(path()), 8u);
}

TEST_P(picture_file_test, is_for_its_owner_and_group) {
    const auto file = create();
    struct stat about {};
    ASSERT_EQ(::stat(path().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07137, 0u);
}

TEST_P(picture_file_test, takes_times_that_stand_still_or_go_back) {
    const auto file = create();
    for (const auto at : {0ms, 0ms, 500ms, 100ms, 600ms}) {
        EXPECT_TRUE(file->write(numbered_image(1).data.span(), at));
    }
    EXPECT_TRUE(file->finish());
    const auto times = read_video(path()).times_ms;
    ASSERT_EQ(times.size(), 5u);
    EXPECT_TRUE(std::ranges::is_sorted(times));
}

TEST_P(picture_file_test, that_cannot_be_made_is_an_error_and_leaves_nothing) {
    EXPECT_EQ(picture_file::create("/nowhere/at/all.mkv", options()).error().value(), ENOENT);
}

TEST(recording_name_test, the_end_of_a_name_says_the_kind) {
    EXPECT_EQ(format_of("a/b.mkv"), file_format::mkv);
    EXPECT_EQ(format_of("a.mkv/b.avi"), file_format::avi);
    EXPECT_EQ(format_of("b.x.mp4"), file_format::mp4);
    for (const char* name : {"", "mkv", "b.MOV", ".mkv", "b.mkv.txt"}) EXPECT_FALSE(format_of(name)) << name;
}

TEST(recording_name_test, further_files_have_numbers) {
    EXPECT_EQ(recording_name("/data/run.mkv", 1), "/data/run.mkv");
    EXPECT_EQ(recording_name("/data/run.mkv", 2), "/data/run-2.mkv");
    EXPECT_EQ(recording_name("run.5.avi", 12), "run.5-12.avi");
}

}  // namespace
}  // namespace streamhost::video
