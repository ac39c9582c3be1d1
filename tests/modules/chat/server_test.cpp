#include "chat_stage.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace streamhost::chat {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using streamhost::test::scripted;
using test::bytes_of;
using test::chat_stage;
using test::guest;
using test::presence_sink;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

std::string name_of(chat_wire wire) { return wire == chat_wire::lines ? "lines" : "pickle"; }

/// Each case on both wires, with peers made of bytes.
class server_test : public chat_stage, public ::testing::WithParamInterface<chat_wire> {
protected:
    chat_wire wire() const { return GetParam(); }

    void open(boost::json::object settings = {}) {
        settings["wire"] = name_of(wire());
        add_server(std::move(settings));
        add_ends("chat");
    }
    void watch_presence() {
        graph.add<presence_sink>("presence");
        graph.link("chat.peers", "presence.peers");
    }

    static awaitable<void> wait(scripted& self, duration span = 10ms) { co_await self.host.sleep_for(span); }
    awaitable<guest> join(scripted& self) { return chat_stage::join(self, wire()); }
    // (GCC 12 takes no braced list where there is a co_await.)
    std::string bytes(const std::vector<std::string>& lines) const { return bytes_of(wire(), lines); }
    template <class... More>
    std::string bytes(std::string line, More... more) const {
        return bytes(std::vector<std::string>{std::move(line), std::move(more)...});
    }
};

INSTANTIATE_TEST_SUITE_P(wires, server_test, ::testing::Values(chat_wire::lines, chat_wire::pickle),
                         [](const auto& wire) { return name_of(wire.param); });

TEST_P(server_test, a_peer_is_heard_and_hears) {
    open();
    std::string sender;
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self);
        sender = peer.hears->name();
        co_await send(peer.speaks, bytes("hello", "", "gr\u00fc\u00dfe \u4f60\u597d"));
        say("welcome");
        say("gr\u00fc\u00dfe zur\u00fcck");
        co_await wait(self);
        EXPECT_EQ(peer.received(), bytes("welcome", "gr\u00fc\u00dfe zur\u00fcck"));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("hello", "", "gr\u00fc\u00dfe \u4f60\u597d"));
    for (const auto& each : heard) EXPECT_EQ(each.sender, sender);
    EXPECT_EQ(metric("lines_received"), 3u);
    EXPECT_EQ(metric("peers"), 0u) << "all have left";
}

TEST_P(server_test, the_fiftieth_peer_is_served_like_the_first) {
    open();
    std::vector<std::string> expected;
    const auto body = [&](scripted& self) -> awaitable<void> {
        std::vector<guest> peers;
        for (int i = 0; i < 50; ++i) {
            const auto peer = co_await join(self);
            peers.push_back(peer);
            expected.push_back(fmt::format("{}: I am {}", peer.hears->name(), i));
        }
        for (std::size_t i = 0; i < peers.size(); ++i) {
            co_await send(peers[i].speaks, bytes(fmt::format("I am {}", i)));
        }
        co_await wait(self);
        say("all of you");
        co_await wait(self);
        for (const auto& peer : peers) EXPECT_EQ(peer.received(), bytes("all of you"));
    };
    EXPECT_EQ(play(body), 0);
    std::vector<std::string> came;
    for (const auto& each : heard) came.push_back(each.sender + ": " + each.line);
    EXPECT_EQ(came, expected);
}

TEST_P(server_test, a_line_can_go_to_one_or_to_a_whole_host) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto first = co_await join(self);
        const auto second = co_await join(self);
        say("for the second", second.hears->name());
        say("for both", "127.0.0.1");
        co_await wait(self);
        EXPECT_EQ(first.received(), bytes("for both"));
        EXPECT_EQ(second.received(), bytes("for the second", "for both"));
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(server_test, a_line_for_one_who_is_not_here_is_said_and_counted) {
    open({{"history", 10}});
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto here = co_await join(self);
        const auto gone = co_await join(self);
        gone.leave();
        co_await wait(self);
        say("a secret", gone.hears->name());
        co_await wait(self);
        const auto late = co_await join(self);
        EXPECT_EQ(here.received(), "");
        EXPECT_EQ(late.received(), "");
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(metric("lines_undelivered"), 1u);
    EXPECT_THAT(logged(), Contains(HasSubstr("nobody of that address is here")));
}

TEST_P(server_test, who_joins_late_gets_the_last_lines) {
    open({{"history", 2}});
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto early = co_await join(self);
        for (const auto* line : {"one", "two", "three"}) say(line);
        say("whispered", early.hears->name());
        co_await wait(self);
        const auto late = co_await join(self);
        EXPECT_EQ(late.received(), bytes("two", "three")) << "of those that were for all";
        say("four");
        co_await wait(self);
        EXPECT_EQ(late.received(), bytes("two", "three", "four"));
        EXPECT_EQ(early.received(), bytes("one", "two", "three", "whispered", "four"));
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(server_test, the_usual_history_is_none_for_pickle_and_twenty_for_lines) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        std::vector<std::string> last;
        for (int i = 1; i <= 30; ++i) {
            say(std::to_string(i));
            if (i > 10) last.push_back(std::to_string(i));
        }
        co_await wait(self);
        const auto late = co_await join(self);
        EXPECT_EQ(late.received(), wire() == chat_wire::lines ? bytes(last) : "");
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(server_test, a_history_longer_than_a_viewers_queue_loses_nothing_silently) {
    viewers.queue.items = 5;
    open({{"history", 1000}});
    const auto body = [&](scripted& self) -> awaitable<void> {
        for (int i = 1; i <= 100; ++i) say(std::to_string(i));
        co_await wait(self);
        const auto late = co_await join(self);
        EXPECT_EQ(late.received(), bytes("96", "97", "98", "99", "100"));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(metric("viewer_messages_dropped"), 0u);
}

TEST_P(server_test, it_says_who_comes_and_who_goes) {
    open();
    watch_presence();
    std::vector<std::string> expected;
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto first = co_await join(self);
        const auto second = co_await join(self);
        EXPECT_EQ(metric("peers"), 2u);
        first.leave();
        co_await wait(self);
        EXPECT_EQ(metric("peers"), 1u);
        expected = {"+" + first.hears->name(), "+" + second.hears->name(), "-" + first.hears->name(),
                    "-" + second.hears->name()};
    };
    EXPECT_EQ(play(body), 0);
    std::erase(notes, "sink ends");
    EXPECT_EQ(notes, expected) << "the end of the host included";
}

TEST_P(server_test, a_peer_that_closes_at_any_byte_of_a_message_is_gone_at_once) {
    open();
    const auto whole = bytes("gr\u00fc\u00dfe");
    const auto body = [&](scripted& self) -> awaitable<void> {
        for (std::size_t count = 0; count <= whole.size(); ++count) {
            const auto peer = co_await join(self);
            co_await send(peer.speaks, whole.substr(0, count));
            peer.leave();
            co_await wait(self);
            EXPECT_EQ(metric("peers"), 0u) << "after " << count << " bytes";
        }
        const auto last = co_await join(self);
        co_await send(last.speaks, bytes("still here?"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("gr\u00fc\u00dfe", "still here?")) << "only what was whole";
    EXPECT_EQ(metric("peers_refused"), 0u);
}

TEST_P(server_test, a_peer_that_stalls_inside_a_message_is_cut_at_its_deadline) {
    open();
    const auto whole = bytes("gr\u00fc\u00dfe");
    const auto body = [&](scripted& self) -> awaitable<void> {
        std::vector<guest> stalled;
        for (std::size_t count = 1; count < whole.size(); ++count) {
            const auto peer = co_await join(self);
            stalled.push_back(peer);
        }
        for (std::size_t i = 0; i < stalled.size(); ++i) co_await send(stalled[i].speaks, whole.substr(0, i + 1));
        const auto silent = co_await join(self);
        co_await wait(self, 9900ms);
        for (const auto& each : stalled) EXPECT_FALSE(each.speaks->closed);
        co_await wait(self, 11s);
        for (const auto& each : stalled) EXPECT_TRUE(each.speaks->closed);
        EXPECT_FALSE(silent.speaks->closed) << "who says nothing is no offence";
        co_await send(silent.speaks, bytes("me neither"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("me neither"));
    EXPECT_EQ(metric("peers_refused"), whole.size() - 1);
}

TEST_P(server_test, bytes_that_drip_buy_no_time) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self);
        const auto whole = bytes(std::string(40, 'x'));
        const auto begun = self.host.clock().now();
        for (std::size_t i = 0; i < whole.size() && !peer.speaks->closed; ++i) {
            co_await send(peer.speaks, whole.substr(i, 1));
            co_await wait(self, 1s);
        }
        EXPECT_TRUE(peer.speaks->closed);
        EXPECT_LE(self.host.clock().now() - begun, 21s);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), IsEmpty());
}

TEST_P(server_test, messages_in_any_pieces_are_the_same_lines) {
    open();
    const auto whole = bytes("one", "zw\u00f6lf", "three");
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self);
        for (const char byte : whole) {
            co_await send(peer.speaks, std::string(1, byte));
            co_await wait(self, 1ms);
        }
        co_await send(peer.speaks, whole + whole);
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("one", "zw\u00f6lf", "three", "one", "zw\u00f6lf", "three", "one", "zw\u00f6lf", "three"));
}

TEST_P(server_test, the_largest_line_passes_both_ways_and_a_larger_one_ends_its_session) {
    open();
    const std::string largest(max_line, 'x'), larger(max_line + 1, 'x');
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto decent = co_await join(self);
        const auto peer = co_await join(self);
        co_await send(peer.speaks, bytes(largest));
        say(largest);
        say(larger);
        co_await wait(self);
        EXPECT_EQ(decent.received(), bytes(largest));
        co_await send(peer.speaks, bytes(larger));
        co_await wait(self);
        EXPECT_TRUE(peer.speaks->closed);
        EXPECT_FALSE(decent.speaks->closed);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre(largest));
    EXPECT_EQ(metric("lines_undelivered"), 1u);
    EXPECT_EQ(metric("peers_refused"), 1u);
}

TEST_P(server_test, a_flood_is_slowed_down_and_not_lost_and_costs_the_others_nothing) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto flooder = co_await join(self);
        const auto decent = co_await join(self);
        self.host.spawn(send(flooder.speaks, bytes(std::vector<std::string>(5000, "spam"))));
        co_await wait(self, 2s);
        EXPECT_LT(heard.size(), 2500u) << "a thousand at once, then five hundred a second";
        co_await send(decent.speaks, bytes("excuse me"));
        co_await wait(self);
        EXPECT_THAT(heard_lines(), Contains("excuse me"));
        co_await wait(self, 10s);
        EXPECT_THAT(heard, SizeIs(5001));
        EXPECT_FALSE(flooder.speaks->closed);
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(server_test, a_peer_that_reads_nothing_is_cut_and_the_others_get_every_line) {
    viewers.stall_ms = 5s;
    viewers.queue.items = 1000;
    open();
    const std::string line(1000, 'x');
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto dialled = co_await self.host.network().dial(server_address);
        EXPECT_TRUE(dialled);
        const auto decent = co_await join(self);
        for (int i = 0; i < 500; ++i) {
            say(line);
            co_await wait(self, 1ms);
        }
        co_await wait(self, 10s);
        EXPECT_EQ(decent.received(), bytes(std::vector<std::string>(500, line)));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(metric("viewers_stalled"), 1u);
}

TEST_P(server_test, more_peers_than_max_are_turned_away) {
    viewers.max = 2;
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto first = co_await join(self);
        const auto second = co_await join(self);
        const auto third = co_await join(self);
        EXPECT_TRUE(third.hears->closed);
        EXPECT_TRUE(third.speaks->closed);
        first.leave();
        co_await wait(self);
        const auto fourth = co_await join(self);
        co_await send(fourth.speaks, bytes("at last"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("at last"));
    EXPECT_EQ(metric("viewers_turned_away"), 1u);
}

TEST_P(server_test, the_end_of_what_is_typed_is_not_the_end_of_the_chat) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        say("last");
        fall_silent();
        co_await wait(self, 1min);
        const auto peer = co_await join(self);
        co_await send(peer.speaks, bytes("anybody there?"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("anybody there?"));
}

TEST_P(server_test, a_drain_delivers_what_was_said_before_it) {
    open();
    guest peer;
    const auto body = [&](scripted& self) -> awaitable<void> {
        peer = co_await join(self);
        co_await send(peer.speaks, bytes("before"));
        co_await wait(self);
        say("goodbye");
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("before"));
    EXPECT_EQ(peer.received(), bytes("goodbye"));
    EXPECT_TRUE(peer.hears->closed);
    EXPECT_THAT(notes, Contains("sink ends"));
    EXPECT_LT(lasted, 3s);
    peer = {};
    EXPECT_EQ(world.net().open_streams(), 0u);
}

TEST_P(server_test, a_drain_is_not_held_up_by_a_peer_that_stalls) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self);
        const auto whole = bytes("half a line");
        co_await send(peer.speaks, whole.substr(0, whole.size() / 2));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_LT(lasted, 3s);
}

// --- what only one of the wires has ---

class lines_server_test : public chat_stage {
protected:
    void open(boost::json::object settings = {}) {
        add_server(std::move(settings));
        add_ends("chat");
    }
    static awaitable<void> wait(scripted& self, duration span = 10ms) { co_await self.host.sleep_for(span); }
};

TEST_F(lines_server_test, what_is_no_utf8_ends_its_session) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto bad = co_await join(self, chat_wire::lines);
        const auto good = co_await join(self, chat_wire::lines);
        co_await send(bad.speaks, "fine\ngr\xfc\xdf" "e\nnever read\n");
        co_await wait(self);
        EXPECT_TRUE(bad.hears->closed);
        co_await send(good.speaks, "fine too\r\n");
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("fine", "fine too"));
    EXPECT_EQ(metric("peers_refused"), 1u);
    EXPECT_THAT(logged(), Contains(HasSubstr("is cut: ")));
}

TEST_F(lines_server_test, a_line_without_end_is_refused_before_it_fills_the_memory) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto bad = co_await join(self, chat_wire::lines);
        co_await send(bad.speaks, std::string(max_line + 2, 'x'));
        co_await wait(self);
        EXPECT_TRUE(bad.hears->closed);
    };
    EXPECT_EQ(play(body), 0);
}

TEST_F(lines_server_test, a_line_end_inside_a_line_makes_two_of_it) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self, chat_wire::lines);
        say("one\ntwo");
        co_await wait(self);
        EXPECT_EQ(peer.received(), "one\ntwo\n");
    };
    EXPECT_EQ(play(body), 0);
}

class pickle_server_test : public chat_stage {
protected:
    void open(boost::json::object settings = {}) {
        settings["wire"] = "pickle";
        add_server(std::move(settings));
        add_ends("chat");
        graph.add<presence_sink>("presence");
        graph.link("chat.peers", "presence.peers");
    }
    static awaitable<void> wait(scripted& self, duration span = 10ms) { co_await self.host.sleep_for(span); }

    static std::string pickled(std::string line) { return bytes_of(chat_wire::pickle, {std::move(line)}); }
    static std::string framed_in(const std::string& pickle) {
        const auto length = length_prefix::encode(pickle.size());
        return std::string(reinterpret_cast<const char*>(length.data()), length.size()) + pickle;
    }
};

TEST_F(pickle_server_test, the_bytes_are_those_of_the_tutorials) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto peer = co_await join(self, chat_wire::pickle);
        say("hello");
        co_await wait(self);
        EXPECT_EQ(peer.received(), "\x14\0\0\0\0\0\0\0\x80\x04\x95\x09\0\0\0\0\0\0\0\x8c\x05hello\x94."s);
    };
    EXPECT_EQ(play(body), 0);
}

TEST_F(pickle_server_test, the_two_connections_of_a_host_are_one_peer_whichever_comes_first) {
    open();
    std::string first_name, second_name;
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto first_hears = co_await connect(self, server_address);
        const auto second_speaks = co_await connect(self, below);  // taken for the first one's: nobody can tell
        const auto late_speaks = co_await connect(self, below);
        const auto late_hears = co_await connect(self, server_address);
        first_name = first_hears->name();
        second_name = late_speaks->name();
        co_await send(second_speaks, pickled("one"));
        co_await send(late_speaks, pickled("two"));
        co_await wait(self);
        say("for the late one", second_name);
        co_await wait(self);
        EXPECT_EQ(late_hears->received, pickled("for the late one"));
        late_speaks->session.close();
        co_await wait(self);
        EXPECT_THAT(notes, ElementsAre("+" + first_name, "+" + second_name)) << "it still listens";
        late_hears->session.close();
        co_await wait(self);
        EXPECT_THAT(notes, ElementsAre("+" + first_name, "+" + second_name, "-" + second_name));
    };
    EXPECT_EQ(play(body), 0);
    ASSERT_THAT(heard, SizeIs(2));
    EXPECT_EQ(heard[0].sender, first_name);
    EXPECT_EQ(heard[1].sender, second_name);
}

TEST_F(pickle_server_test, who_only_speaks_is_heard_and_cannot_be_answered) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto speaker = co_await connect(self, below);
        co_await send(speaker, pickled("hello"));
        co_await wait(self);
        say("yes?", speaker->name());
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("hello"));
    EXPECT_EQ(metric("lines_undelivered"), 1u);
}

TEST_F(pickle_server_test, what_is_no_text_ends_its_session_and_nothing_is_executed) {
    open();
    const std::map<std::string, std::string> refused{
        {"none", framed_in("\x80\x04N."s)},
        {"number", framed_in("\x80\x04K\x2a."s)},
        {"bytes", framed_in("\x80\x04" "C\x05hello."s)},
        {"list", framed_in("\x80\x04]\x94."s)},
        {"exploit", framed_in("cos\nsystem\n(S'touch /tmp/streamhost-canary'\ntR.")},
        {"garbage", framed_in("hello")},
        {"empty", std::string(8, '\0')},
        {"huge", "\xff\xff\xff\xff\xff\xff\xff\x7f" "x"},
        {"too large", framed_in(std::string(5 * max_line, 'x')).substr(0, 8)},
    };
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto good = co_await join(self, chat_wire::pickle);
        for (const auto& [what, content] : refused) {
            const auto bad = co_await connect(self, below);
            co_await send(bad, content);
            co_await wait(self);
            EXPECT_TRUE(bad->closed) << what;
        }
        co_await send(good.speaks, pickled("and I?"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("and I?"));
    EXPECT_EQ(metric("peers_refused"), refused.size());
}

TEST_F(pickle_server_test, any_port_for_one_way_is_any_port_for_the_other) {
    open({{"listen", "127.0.0.1:0"}});
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto addresses = host->snapshot().addresses;
        EXPECT_THAT(addresses, SizeIs(2));
        EXPECT_NE(addresses[0].bound, addresses[1].bound);
        const auto hears = co_await connect(self, addresses[0].bound);
        const auto speaks = co_await connect(self, addresses[1].bound);
        say("hello");
        co_await send(speaks, pickled("hello"));
        co_await wait(self);
        EXPECT_EQ(hears->received, pickled("hello"));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("hello"));
}

TEST_F(pickle_server_test, both_ways_can_be_said) {
    open({{"listen", "127.0.0.1:1"}, {"receive", "127.0.0.1:7000"}});
    const auto body = [&](scripted& self) -> awaitable<void> {
        const auto speaks = co_await connect(self, "127.0.0.1:7000");
        co_await send(speaks, pickled("hello"));
        co_await wait(self);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("hello"));
}

TEST(server_settings, that_cannot_be_meant_are_refused) {
    server_settings one_below_nothing{.listen = "127.0.0.1:1", .wire = chat_wire::pickle};
    EXPECT_THROW(server::check(one_below_nothing), setting_error);
    server_settings no_second_way{.receive = "127.0.0.1:5", .wire = chat_wire::lines};
    EXPECT_THROW(server::check(no_second_way), setting_error);
    EXPECT_NO_THROW(server::check({}));
    EXPECT_EQ(address_below("127.0.0.1:9698"), "127.0.0.1:9697");
    EXPECT_EQ(address_below("[::1]:9698"), "[::1]:9697");
    EXPECT_EQ(address_below("127.0.0.1:0"), "127.0.0.1:0");
    EXPECT_EQ(address_below("127.0.0.1:2"), "127.0.0.1:1");
}

}  // namespace
}  // namespace streamhost::chat
