#include "graph/channel_log.hpp"

#include <gmock/gmock.h>

#include <string>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

class channel_log_test : public ::testing::Test {
protected:
    static std::shared_ptr<const broadcast> message(const std::string& text, std::int64_t arrived_ns = 0) {
        wire_message content;
        content.pieces.push_back(shared_bytes::adopt(std::string(text)));
        return std::make_shared<const broadcast>(std::move(content), arrived_ns);
    }
    static std::string at(const channel_log& log, std::uint64_t place) {
        const auto* const found = log.at(place);
        return found == nullptr ? "nothing" : std::string((*found)->content.pieces[0].as_text());
    }
};

TEST_F(channel_log_test, a_viewer_that_keeps_up_gets_everything_in_order) {
    channel_log log(usual_queue(queue_policy::latest));
    auto place = log.joining_place();
    EXPECT_EQ(at(log, place), "nothing");
    for (const auto* text : {"a", "b", "c"}) {
        log.add(message(text));
        EXPECT_EQ(log.settle(place, 0).replaced, 0u);
        EXPECT_EQ(at(log, place++), text);
    }
    EXPECT_EQ(place, log.end());
}

TEST_F(channel_log_test, latest_skips_to_the_newest) {
    channel_log log(queue_options{.policy = queue_policy::latest, .items = 2});
    std::uint64_t place = 0;
    for (const auto* text : {"a", "b", "c", "d"}) log.add(message(text));
    EXPECT_EQ(log.settle(place, 0).replaced, 3u);
    EXPECT_EQ(at(log, place), "d");
}

TEST_F(channel_log_test, drop_oldest_keeps_what_it_holds) {
    channel_log log(queue_options{.policy = queue_policy::drop_oldest, .items = 2});
    std::uint64_t place = 0;
    for (const auto* text : {"a", "b", "c", "d"}) log.add(message(text));
    EXPECT_EQ(log.settle(place, 0).replaced, 2u);
    EXPECT_EQ(at(log, place), "c");
}

TEST_F(channel_log_test, the_limit_in_bytes_lets_the_largest_message_pass_alone) {
    channel_log log(queue_options{.policy = queue_policy::drop_oldest, .items = 9, .bytes = 10});
    std::uint64_t place = 0;
    for (const auto* text : {"aaaa", "bbbb", "cccc", "ddddddddddddddddddddd"}) log.add(message(text));
    EXPECT_EQ(log.settle(place, 0).replaced, 3u);
    EXPECT_EQ(at(log, place), "ddddddddddddddddddddd");
    log.add(message("e"));
    EXPECT_EQ(log.settle(place, 0).replaced, 1u);
    EXPECT_EQ(at(log, place), "e");
}

TEST_F(channel_log_test, what_has_waited_too_long_is_not_given) {
    channel_log log(queue_options{.policy = queue_policy::drop_oldest, .items = 9, .age = 10ms});
    std::uint64_t place = 0;
    log.add(message("old", 1));
    log.add(message("young", 5'000'000));
    const auto over = log.settle(place, 10'000'002);
    EXPECT_EQ(over.aged, 1u);
    EXPECT_EQ(over.replaced, 0u);
    EXPECT_EQ(at(log, place), "young");
}

TEST_F(channel_log_test, disconnect_is_due_with_the_first_message_too_many) {
    channel_log log(queue_options{.policy = queue_policy::disconnect, .items = 2});
    for (const auto* text : {"a", "b"}) log.add(message(text));
    EXPECT_FALSE(log.is_overrun(0));
    log.add(message("c"));
    EXPECT_TRUE(log.is_overrun(0));
    EXPECT_FALSE(log.is_overrun(1));
}

TEST_F(channel_log_test, what_all_have_had_is_kept_no_longer) {
    channel_log log(queue_options{.policy = queue_policy::drop_oldest, .items = 64});
    std::weak_ptr<const broadcast> first, last;
    std::uint64_t behind = 1;
    for (int i = 0; i < 4; ++i) {
        auto one = message("a");
        (i == 0 ? first : last) = one;
        log.add(std::move(one));
    }
    log.begin_round();
    log.note(log.end());
    log.note(behind);
    log.end_round();
    EXPECT_TRUE(first.expired());
    EXPECT_EQ(log.settle(behind, 0).replaced, 0u);
    EXPECT_EQ(behind, 1u);
    log.begin_round();
    log.note(log.end());
    log.end_round();
    EXPECT_FALSE(last.expired()) << "the newest is for those who join";
    EXPECT_EQ(log.settle(behind, 0).replaced, 2u);
}

TEST_F(channel_log_test, who_joins_gets_the_newest_unless_it_is_out_of_date) {
    channel_log log(usual_queue(queue_policy::latest));
    EXPECT_EQ(log.joining_place(), 0u);
    log.add(message("a"));
    EXPECT_EQ(at(log, log.joining_place()), "a");
    log.forget_newest();
    EXPECT_EQ(at(log, log.joining_place()), "nothing");
    log.add(message("b"));
    EXPECT_EQ(at(log, log.joining_place()), "b");
}

}  // namespace
}  // namespace streamhost
