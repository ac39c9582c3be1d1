#include "runtime/replace_file.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace streamhost {
namespace {

TEST(replace_file, gives_the_file_another_content_and_leaves_its_mode) {
    const test::scratch_folder folder;
    const auto file = folder.write("a.json", "old");
    ASSERT_EQ(::chmod(file.c_str(), 0640), 0);
    EXPECT_EQ(replace_file(file, "new content"), "");
    EXPECT_EQ(test::read_file(file), "new content");
    struct stat now {};
    ASSERT_EQ(::stat(file.c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 07777, 0640u);
    EXPECT_FALSE(std::filesystem::exists(folder / "a.json.draft"));
}

TEST(replace_file, a_link_stays_one) {
    const test::scratch_folder folder;
    const auto file = folder.write("a.json", "old");
    std::filesystem::create_symlink(file, folder / "link.json");
    EXPECT_EQ(replace_file(folder / "link.json", "new"), "");
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link.json"));
    EXPECT_EQ(test::read_file(file), "new");
}

TEST(replace_file, says_why_it_cannot) {
    const test::scratch_folder folder;
    EXPECT_EQ(replace_file(folder / "none.json", "x"), "No such file or directory");
    EXPECT_NE(replace_file("/dev/null/x", "x"), "");
}

}  // namespace
}  // namespace streamhost
