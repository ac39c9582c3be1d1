#include "datagram_viewers.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>
#include <vector>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using base64_jpeg::request;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using outcome = datagram_viewers::outcome;

net_address at(const std::string& text) { return *net_address::parse(text); }

class datagram_viewers_test : public ::testing::Test {
protected:
    datagram_viewers make(std::size_t most = 16) {
        datagram_viewers::options options;
        options.most = most;
        options.most_waiting = 3;
        options.in_chat = [this](const std::string& host) { return chat.contains(host); };
        options.joined = [this](const auto& who) { notes.push_back(who.address.to_string() + " joined"); };
        options.left = [this](const auto& who, std::string_view why) {
            notes.push_back(who.address.to_string() + " left: " + std::string(why));
        };
        options.unproven = [this](const auto& who) { notes.push_back(who.address.to_string() + " is unproven"); };
        return datagram_viewers(std::move(options));
    }
    static std::vector<std::string> list(const datagram_viewers& viewers) {
        std::vector<std::string> all;
        for (const auto& each : viewers.all()) all.push_back(each.address.to_string());
        return all;
    }
    outcome hello(datagram_viewers& viewers, const std::string& from, bool allowed = true) {
        return viewers.hear(at(from), request::hello, allowed, now);
    }
    outcome view(datagram_viewers& viewers, const std::string& from, bool allowed = true) {
        return viewers.hear(at(from), request::view, allowed, now);
    }

    std::set<std::string> chat;
    std::vector<std::string> notes;
    steady_time now{1h};
};

TEST_F(datagram_viewers_test, a_proven_one_views_from_its_first_word_on) {
    auto viewers = make();
    EXPECT_EQ(hello(viewers, "127.0.0.1:1"), outcome::viewing);
    EXPECT_EQ(hello(viewers, "127.0.0.1:2"), outcome::viewing);
    EXPECT_EQ(hello(viewers, "127.0.0.1:1"), outcome::viewing);
    EXPECT_THAT(list(viewers), ElementsAre("127.0.0.1:1", "127.0.0.1:2"));
    EXPECT_THAT(notes, ElementsAre("127.0.0.1:1 joined", "127.0.0.1:2 joined"));
}

TEST_F(datagram_viewers_test, what_asks_for_nothing_is_ignored) {
    auto viewers = make();
    EXPECT_EQ(viewers.hear(at("127.0.0.1:1"), request::nothing, true, now), outcome::ignored);
    EXPECT_EQ(viewers.hear(at("127.0.0.1:1"), request::bye, true, now), outcome::ignored);
    EXPECT_EQ(viewers.count(), 0u);
}

TEST_F(datagram_viewers_test, one_that_asked_once_stays_however_long_it_is_silent) {
    auto viewers = make();
    hello(viewers, "127.0.0.1:1");
    now += 24h;
    viewers.expire(now);
    EXPECT_EQ(viewers.count(), 1u);
}

TEST_F(datagram_viewers_test, one_that_asks_again_goes_when_it_does_not) {
    auto viewers = make();
    view(viewers, "127.0.0.1:1");
    for (int i = 0; i < 5; ++i) {
        now += 9s;
        viewers.expire(now);
        EXPECT_EQ(view(viewers, "127.0.0.1:1"), outcome::viewing);
    }
    now += 10s;
    viewers.expire(now);
    EXPECT_EQ(viewers.count(), 1u);
    now += 1ms;
    viewers.expire(now);
    EXPECT_EQ(viewers.count(), 0u);
    EXPECT_THAT(notes, ElementsAre("127.0.0.1:1 joined", "127.0.0.1:1 left: it has asked no more"));
}

TEST_F(datagram_viewers_test, bye_ends_only_those_who_could_ask_again) {
    auto viewers = make();
    hello(viewers, "127.0.0.1:1");
    view(viewers, "127.0.0.1:2");
    EXPECT_EQ(viewers.hear(at("127.0.0.1:1"), request::bye, true, now), outcome::ignored);
    EXPECT_EQ(viewers.hear(at("127.0.0.1:2"), request::bye, true, now), outcome::gone);
    EXPECT_THAT(list(viewers), ElementsAre("127.0.0.1:1"));
}

TEST_F(datagram_viewers_test, one_more_than_may_be_takes_the_place_of_who_was_silent_longest) {
    auto viewers = make(2);
    view(viewers, "127.0.0.1:1");
    now += 1s;
    hello(viewers, "127.0.0.1:2");
    now += 1s;
    view(viewers, "127.0.0.1:1");
    now += 1s;
    hello(viewers, "127.0.0.1:3");
    EXPECT_THAT(list(viewers), ElementsAre("127.0.0.1:1", "127.0.0.1:3"));
    EXPECT_THAT(notes, testing::Contains("127.0.0.1:2 left: another took its place"));
}

TEST_F(datagram_viewers_test, one_whose_host_refuses_goes) {
    auto viewers = make();
    hello(viewers, "127.0.0.1:1");
    hello(viewers, "127.0.0.1:2");
    viewers.refused(at("127.0.0.1:1"));
    viewers.refused(at("127.0.0.1:9"));
    EXPECT_THAT(list(viewers), ElementsAre("127.0.0.1:2"));
}

TEST_F(datagram_viewers_test, a_stranger_is_no_viewer_until_its_host_is_in_the_chat) {
    auto viewers = make();
    EXPECT_EQ(hello(viewers, "10.0.0.5:1", false), outcome::unproven);
    EXPECT_EQ(viewers.count(), 0u);
    chat = {"10.0.0.5"};
    viewers.chat_began("10.0.0.5", now);
    EXPECT_THAT(list(viewers), ElementsAre("10.0.0.5:1"));
    EXPECT_EQ(viewers.waiting(), 0u);
    EXPECT_EQ(hello(viewers, "10.0.0.5:2", false), outcome::viewing) << "the address counts, not the port";
    EXPECT_EQ(hello(viewers, "10.0.0.6:2", false), outcome::unproven);
}

TEST_F(datagram_viewers_test, a_chat_that_begins_much_later_proves_nothing) {
    auto viewers = make();
    hello(viewers, "10.0.0.5:1", false);
    now += 31s;
    viewers.chat_began("10.0.0.5", now);
    EXPECT_EQ(viewers.count(), 0u);
    hello(viewers, "10.0.0.5:1", false);
    now += 31s;
    viewers.expire(now);
    EXPECT_EQ(viewers.waiting(), 0u);
}

TEST_F(datagram_viewers_test, strangers_that_wait_are_few_and_the_oldest_makes_room) {
    auto viewers = make();
    for (int i = 1; i <= 100; ++i) hello(viewers, "10.0.0." + std::to_string(i) + ":1", false);
    EXPECT_EQ(viewers.waiting(), 3u);
    viewers.chat_began("10.0.0.97", now);
    EXPECT_EQ(viewers.count(), 0u);
    viewers.chat_began("10.0.0.98", now);
    EXPECT_EQ(viewers.count(), 1u);
}

TEST_F(datagram_viewers_test, a_stranger_is_told_of_once_and_not_before_its_chat_could_have_come) {
    auto viewers = make();
    for (int i = 0; i < 20; ++i) {
        view(viewers, "10.0.0.5:1", false);
        viewers.expire(now);
        if (i < 4) {
            EXPECT_THAT(notes, IsEmpty());
        }
        now += 500ms;
    }
    EXPECT_THAT(notes, ElementsAre("10.0.0.5:1 is unproven"));
}

TEST_F(datagram_viewers_test, who_was_proven_by_a_chat_goes_with_it) {
    auto viewers = make();
    chat = {"10.0.0.5"};
    hello(viewers, "10.0.0.5:1", false);
    view(viewers, "10.0.0.5:2", false);
    hello(viewers, "10.0.0.6:1");
    chat = {};
    viewers.chat_ended("10.0.0.5");
    EXPECT_THAT(list(viewers), ElementsAre("10.0.0.6:1"));
}

TEST_F(datagram_viewers_test, an_allowed_viewer_of_the_tutorials_goes_with_its_chat_and_one_that_asks_again_stays) {
    auto viewers = make();
    hello(viewers, "127.0.0.1:1");
    view(viewers, "127.0.0.1:2");
    chat = {"127.0.0.1"};
    viewers.chat_began("127.0.0.1", now);
    hello(viewers, "127.0.0.1:3");
    chat = {};
    viewers.chat_ended("127.0.0.1");
    EXPECT_THAT(list(viewers), ElementsAre("127.0.0.1:2"));
}

TEST_F(datagram_viewers_test, an_allowed_viewer_that_never_had_a_chat_stays_when_another_chat_ends) {
    auto viewers = make();
    hello(viewers, "10.0.0.5:1");
    viewers.chat_ended("10.0.0.5");
    viewers.chat_ended("10.0.0.6");
    EXPECT_EQ(viewers.count(), 1u);
}

TEST_F(datagram_viewers_test, each_is_paid_once_and_the_first_in_turn) {
    auto viewers = make();
    for (const char* each : {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"}) hello(viewers, each);
    const auto pay_one = [&] {
        const auto* const next = viewers.next_due();
        const auto who = next == nullptr ? std::string("nobody") : next->address.to_string();
        if (next != nullptr) viewers.pay(10, 1, true);
        return who;
    };
    EXPECT_EQ(pay_one(), "nobody") << "a round has to begin";
    viewers.begin_round(true);
    EXPECT_EQ(pay_one(), "127.0.0.1:1") << "a newcomer is owed the picture that is there";
    EXPECT_EQ(pay_one(), "127.0.0.1:2");
    EXPECT_EQ(viewers.drop(), 1u);
    EXPECT_EQ(pay_one(), "nobody");
    viewers.owe_all();
    EXPECT_EQ(pay_one(), "nobody");
    viewers.begin_round(true);
    EXPECT_EQ(pay_one(), "127.0.0.1:3") << "who got nothing last time is the first this time";
    viewers.refused(at("127.0.0.1:1"));
    EXPECT_EQ(pay_one(), "127.0.0.1:2");
    EXPECT_EQ(pay_one(), "nobody");
}

TEST_F(datagram_viewers_test, a_picture_in_parts_is_given_in_rounds) {
    auto viewers = make();
    view(viewers, "127.0.0.1:1");
    view(viewers, "127.0.0.1:2");
    viewers.owe_all();
    const auto round = [&](std::size_t bytes, bool all) {
        std::vector<std::string> got;
        while (const auto* const next = viewers.next_due()) {
            got.push_back(next->address.to_string() + " from " + std::to_string(next->taken));
            viewers.pay(bytes, 2, all);
        }
        return got;
    };
    EXPECT_TRUE(viewers.begin_round(true));
    EXPECT_THAT(round(100, false), ElementsAre("127.0.0.1:1 from 0", "127.0.0.1:2 from 0"));
    EXPECT_THAT(round(100, false), IsEmpty()) << "once in a round";
    view(viewers, "127.0.0.1:3");
    EXPECT_TRUE(viewers.begin_round(false));
    EXPECT_THAT(round(60, true), UnorderedElementsAre("127.0.0.1:1 from 100", "127.0.0.1:2 from 100")) << "a newcomer waits";
    EXPECT_FALSE(viewers.any_begun());
    EXPECT_FALSE(viewers.begin_round(false));
    EXPECT_TRUE(viewers.begin_round(true));
    EXPECT_THAT(round(50, false), ElementsAre("127.0.0.1:3 from 0"));
    EXPECT_TRUE(viewers.any_begun());
    EXPECT_TRUE(viewers.begin_round(false));
    EXPECT_THAT(round(60, true), ElementsAre("127.0.0.1:3 from 50"));
    EXPECT_FALSE(viewers.any_owed());
    for (const auto& each : viewers.all()) EXPECT_EQ(each.datagrams, 4u);
    viewers.owe_all();
    viewers.begin_round(true);
    EXPECT_THAT(round(1, true), ::testing::Contains("127.0.0.1:1 from 0")) << "the next picture begins at its beginning";
}

}  // namespace
}  // namespace streamhost::video
