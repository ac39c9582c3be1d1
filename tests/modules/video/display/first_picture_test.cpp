#include "first_picture.hpp"

#include "../temporary_folder.hpp"
#include "test_pattern.hpp"

#include <streamhost/result.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace streamhost::video {
namespace {

TEST(first_picture_test, what_was_there_is_replaced_as_a_whole) {
    const test::temporary_folder folder;
    std::ofstream(folder / "first.jpg") << "older";
    EXPECT_NO_THROW(check_writable(folder / "first.jpg"));
    EXPECT_EQ(write_jpeg(test_pattern(160, 120).draw(1, {}), folder / "first.jpg"), "");
    std::string start(2, '\0');
    std::ifstream(folder / "first.jpg", std::ios::binary).read(start.data(), 2);
    EXPECT_EQ(start, "\xff\xd8");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(first_picture_test, what_goes_wrong_is_said_and_leaves_nothing) {
    const test::temporary_folder folder;
    EXPECT_THROW(check_writable(folder / "missing/first.jpg"), configuration_error);
    EXPECT_THROW(check_writable(folder.path().string()), configuration_error);
    EXPECT_NE(write_jpeg(test_pattern(160, 120).draw(1, {}), folder / "missing/first.jpg"), "");
    std::filesystem::create_directory(folder / "first.jpg");
    EXPECT_NE(write_jpeg(test_pattern(160, 120).draw(1, {}), folder / "first.jpg"), "");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(first_picture_test, a_bare_name_lies_in_the_working_directory) { EXPECT_NO_THROW(check_writable("first.jpg")); }

}  // namespace
}  // namespace streamhost::video
