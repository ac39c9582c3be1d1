#include "observe/log_memory.hpp"

#include <gmock/gmock.h>

namespace streamhost {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(log_memory, keeps_the_lines_of_each_name_apart_from_its_birth_on) {
    logger camera("camera"), jpeg("jpeg");
    camera.warn("before");
    const log_memory memory;
    camera.warn("no signal");
    jpeg.error("broken");
    camera.info("back");
    EXPECT_THAT(memory.tail("camera"), ElementsAre(EndsWith(" warn: no signal"), EndsWith(" info: back")));
    EXPECT_THAT(memory.tail("jpeg"), ElementsAre(EndsWith(" error: broken")));
    EXPECT_THAT(memory.tail("nobody"), IsEmpty());
}

TEST(log_memory, keeps_no_more_than_the_last_ones_and_no_endless_line) {
    const log_memory memory;
    for (std::size_t i = 0; i < 2 * log_memory::most_lines; ++i) {
        logger each("same");  // a new one each time: none repeats itself
        each.warn("{}", i);
    }
    const auto lines = memory.tail("same");
    ASSERT_THAT(lines, SizeIs(log_memory::most_lines));
    EXPECT_THAT(lines.back(), EndsWith(" warn: 399"));
    logger("long").warn("{}", std::string(100'000, 'x'));
    EXPECT_LT(memory.tail("long").at(0).size(), log_memory::longest_line + 64);
}

}  // namespace
}  // namespace streamhost
