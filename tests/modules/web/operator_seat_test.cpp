#include "operator_seat.hpp"

#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

using namespace std::chrono_literals;
using ::testing::Optional;

constexpr steady_time start{1h};

TEST(operator_seat, one_drives_until_somebody_takes_over) {
    operator_seat seat(300ms);
    EXPECT_TRUE(seat.take({"1", "Ada"}, false).happened);
    EXPECT_FALSE(seat.take({"2", "Bob"}, false).happened);
    EXPECT_TRUE(seat.is("1"));
    EXPECT_FALSE(seat.take({"1", "Ada"}, true).happened) << "she has it already";
    EXPECT_TRUE(seat.take({"2", "Bob"}, true).happened);
    EXPECT_EQ(seat.now().name, "Bob");
    EXPECT_FALSE(seat.leave("1", "gone").happened);
    EXPECT_TRUE(seat.rename({"2", "Robert"}).happened);
    EXPECT_EQ(seat.now().name, "Robert");
    EXPECT_TRUE(seat.leave("2", "gone").happened);
    EXPECT_FALSE(seat.is(""));
}

TEST(operator_seat, silence_stops_what_moves_once) {
    operator_seat seat(300ms);
    seat.take({"1", "Ada"}, false);
    EXPECT_EQ(seat.stop_due(), std::nullopt);
    EXPECT_EQ(seat.silence(start + 1h), std::nullopt) << "nothing has moved";
    seat.note_command(start);
    seat.note_command(start + 200ms);
    EXPECT_EQ(seat.stop_due(), start + 500ms);
    EXPECT_EQ(seat.silence(start + 499ms), std::nullopt);
    EXPECT_THAT(seat.silence(start + 500ms), Optional(std::string("no command came for 300 ms")));
    EXPECT_EQ(seat.silence(start + 1h), std::nullopt);
    seat.note_command(start + 2h);
    EXPECT_TRUE(seat.silence(start + 3h)) << "it moved again";
}

TEST(operator_seat, a_change_and_an_end_stop_what_moves) {
    operator_seat seat(300ms);
    seat.take({"1", "Ada"}, false);
    seat.note_command(start);
    EXPECT_THAT(seat.take({"2", "Bob"}, true).stop, Optional(std::string("the operator has changed")));
    EXPECT_EQ(seat.take({"1", "Ada"}, true).stop, std::nullopt) << "nothing has moved since";
    seat.note_command(start);
    EXPECT_THAT(seat.leave("1", "the session has ended").stop, Optional(std::string("the session has ended")));
    EXPECT_EQ(seat.silence(start + 1h), std::nullopt);
}

}  // namespace
}  // namespace streamhost::web
