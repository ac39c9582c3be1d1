#include "chat_presence.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>

namespace streamhost::video {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class chat_presence_test : public ::testing::Test {
protected:
    chat_presence::change note(const std::string& json) { return chat.note({boost::json::parse(json)}, header); }
    chat_presence::change joins(const std::string& address) {
        return note(R"({"address": ")" + address + R"(", "joined": true})");
    }
    chat_presence::change leaves(const std::string& address) {
        return note(R"({"address": ")" + address + R"(", "joined": false})");
    }

    chat_presence chat;
    message_header header{.epoch = 1};
};

TEST_F(chat_presence_test, a_host_is_there_from_its_first_session_to_the_end_of_its_last) {
    EXPECT_FALSE(chat.holds("10.0.0.5"));
    EXPECT_THAT(joins("10.0.0.5:1").came, ElementsAre("10.0.0.5"));
    EXPECT_THAT(joins("10.0.0.5:2").came, IsEmpty());
    EXPECT_THAT(leaves("10.0.0.5:1").left, IsEmpty());
    EXPECT_TRUE(chat.holds("10.0.0.5"));
    EXPECT_THAT(leaves("10.0.0.5:2").left, ElementsAre("10.0.0.5"));
    EXPECT_FALSE(chat.holds("10.0.0.5"));
}

TEST_F(chat_presence_test, what_is_said_twice_counts_once) {
    joins("[::1]:1");
    joins("[::1]:1");
    EXPECT_TRUE(chat.holds("::1"));
    EXPECT_THAT(leaves("[::1]:1").left, ElementsAre("::1"));
    EXPECT_THAT(leaves("[::1]:1").left, IsEmpty());
}

TEST_F(chat_presence_test, a_chat_that_has_started_anew_has_none_of_its_sessions) {
    joins("10.0.0.5:1");
    joins("10.0.0.6:1");
    header.epoch = 2;
    const auto changed = joins("10.0.0.6:2");
    EXPECT_THAT(changed.left, ElementsAre("10.0.0.5", "10.0.0.6"));
    EXPECT_THAT(changed.came, ElementsAre("10.0.0.6"));
    EXPECT_FALSE(chat.holds("10.0.0.5"));
    EXPECT_TRUE(chat.holds("10.0.0.6"));
}

TEST_F(chat_presence_test, what_is_no_news_of_a_session_changes_nothing) {
    joins("10.0.0.5:1");
    for (const char* text : {"1", "{}", R"({"address": "10.0.0.5:1"})", R"({"joined": false})",
                             R"({"address": 5, "joined": false})", R"({"address": "10.0.0.5", "joined": false})",
                             R"({"address": "10.0.0.5:1", "joined": "no"})"}) {
        EXPECT_FALSE(note(text).understood) << text;
    }
    EXPECT_TRUE(chat.holds("10.0.0.5"));
}

TEST_F(chat_presence_test, sessions_beyond_the_most_prove_nothing) {
    for (std::size_t i = 0; i < chat_presence::most_sessions; ++i) joins("10.0.0.5:" + std::to_string(i + 1));
    joins("10.0.0.6:1");
    EXPECT_FALSE(chat.holds("10.0.0.6"));
    leaves("10.0.0.5:1");
    joins("10.0.0.6:1");
    EXPECT_TRUE(chat.holds("10.0.0.6"));
}

}  // namespace
}  // namespace streamhost::video
