#include "chat_stage.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace streamhost::chat {
namespace {

using namespace std::chrono_literals;
using streamhost::test::plan_builder;
using streamhost::test::scripted;
using test::bytes_of;
using test::chat_stage;
using test::raw_connection;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string name_of(chat_wire wire) { return wire == chat_wire::lines ? "lines" : "pickle"; }

/// A server of the tutorials' kind, made of bytes: each of its ports takes one connection.
struct raw_server {
    std::vector<listener> entrances;
    std::shared_ptr<raw_connection> speaks;  ///< to the client
    std::shared_ptr<raw_connection> hears;
};

/// Each case on both wires.
class client_test : public chat_stage, public ::testing::WithParamInterface<chat_wire> {
protected:
    chat_wire wire() const { return GetParam(); }

    void open(boost::json::object settings = {}) {
        settings["wire"] = name_of(wire());
        graph.add<client>("chat", std::move(settings));
        add_ends("chat");
    }

    std::string bytes(const std::vector<std::string>& lines) const { return bytes_of(wire(), lines); }
    template <class... More>
    std::string bytes(std::string line, More... more) const {
        return bytes(std::vector<std::string>{std::move(line), std::move(more)...});
    }

    static awaitable<void> wait(scripted& self, duration span = 10ms) { co_await self.host.sleep_for(span); }

    awaitable<raw_server> listen(scripted& self) {
        raw_server made;
        auto entrance = co_await self.host.network().listen(server_address);
        made.entrances.push_back(std::move(entrance));
        if (wire() == chat_wire::pickle) {
            auto second = co_await self.host.network().listen(below);
            made.entrances.push_back(std::move(second));
        }
        co_return std::move(made);
    }
    awaitable<void> accept(scripted& self, raw_server& server) {
        auto first = co_await server.entrances.front().accept();
        EXPECT_TRUE(first);
        server.speaks = keep_receiving(self, std::move(*first));
        server.hears = server.speaks;
        if (server.entrances.size() > 1) {
            auto second = co_await server.entrances.back().accept();
            EXPECT_TRUE(second);
            server.hears = keep_receiving(self, std::move(*second));
        }
        co_await wait(self);
    }
};

INSTANTIATE_TEST_SUITE_P(wires, client_test, ::testing::Values(chat_wire::lines, chat_wire::pickle),
                         [](const auto& wire) { return name_of(wire.param); });

TEST_P(client_test, it_hears_and_is_heard) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        co_await accept(self, server);
        co_await send(server.speaks, bytes("gr\u00fc\u00dfe", ""));
        say("\u4f60\u597d");
        say("for you", server_address);
        co_await wait(self);
        EXPECT_EQ(server.hears->received, bytes("\u4f60\u597d", "for you"));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("gr\u00fc\u00dfe", ""));
    EXPECT_EQ(heard[0].sender, server_address);
    EXPECT_EQ(metric("lines_sent"), 2u);
    EXPECT_EQ(metric("lines_unsent"), 0u);
}

TEST_P(client_test, a_line_for_somebody_else_is_not_sent) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        co_await accept(self, server);
        say("a secret", "10.0.0.5:4711");
        say(std::string(max_line + 1, 'x'));
        say("no secret");
        co_await wait(self);
        EXPECT_EQ(server.hears->received, bytes("no secret"));
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(metric("lines_unsent"), 2u);
}

TEST_P(client_test, it_waits_for_its_server_and_keeps_what_is_said_meanwhile) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        say("early");
        co_await wait(self, 1min);
        EXPECT_THAT(instance("chat").condition, HasSubstr("no chat with 127.0.0.1:969"));
        auto server = co_await listen(self);
        co_await accept(self, server);
        EXPECT_EQ(instance("chat").condition, "");
        EXPECT_EQ(server.hears->received, bytes("early"));
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(client_test, it_comes_back_whenever_the_server_goes) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        for (int i = 0; i < 5; ++i) {
            co_await accept(self, server);
            co_await send(server.speaks, bytes("hello"));
            say(fmt::format("line {}", i));
            co_await wait(self);
            EXPECT_EQ(server.hears->received, bytes(fmt::format("line {}", i)));
            server.speaks->session.close();
            server.hears->session.close();
        }
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard, SizeIs(5));
    EXPECT_LT(lasted, 60s);
}

TEST_P(client_test, a_server_that_closes_at_any_byte_of_a_message_is_left_at_once) {
    open();
    const auto whole = bytes("gr\u00fc\u00dfe");
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        for (std::size_t count = 0; count <= whole.size(); ++count) {
            co_await accept(self, server);
            co_await send(server.speaks, whole.substr(0, count));
            server.speaks->session.finish();
            co_await wait(self);
            EXPECT_TRUE(server.speaks->closed) << count;
            server.hears->session.close();
        }
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("gr\u00fc\u00dfe"));
}

TEST_P(client_test, a_server_that_stalls_inside_a_message_is_left_at_its_deadline) {
    open();
    const auto whole = bytes("gr\u00fc\u00dfe");
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        for (std::size_t count = 1; count < whole.size(); ++count) {
            co_await accept(self, server);
            co_await send(server.speaks, whole.substr(0, count));
            co_await wait(self, 9s);
            EXPECT_FALSE(server.speaks->closed) << count;
            co_await wait(self, 12s);
            EXPECT_TRUE(server.speaks->closed) << count;
            server.hears->session.close();
        }
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard, IsEmpty());
}

TEST_P(client_test, a_server_that_talks_nonsense_is_left_and_tried_again_ever_more_seldom) {
    open();
    const auto nonsense = wire() == chat_wire::lines ? std::string("\xff\n") : std::string(8, '\0');
    const auto body = [&](scripted& self) -> awaitable<void> {
        auto server = co_await listen(self);
        const auto begun = self.host.clock().now();
        for (int i = 0; i < 20; ++i) {
            co_await accept(self, server);
            co_await send(server.speaks, nonsense);
            co_await wait(self);
            EXPECT_TRUE(server.speaks->closed);
            server.hears->session.close();
        }
        EXPECT_GT(self.host.clock().now() - begun, 30s);
    };
    EXPECT_EQ(play(body), 0);
}

TEST_P(client_test, a_drain_delivers_what_was_said_before_it) {
    open();
    raw_server server;
    const auto body = [&](scripted& self) -> awaitable<void> {
        server = co_await listen(self);
        co_await accept(self, server);
        say("goodbye");
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(server.hears->received, bytes("goodbye"));
    EXPECT_TRUE(server.hears->closed);
    EXPECT_LT(lasted, 3s);
    EXPECT_THAT(notes, Contains("sink ends"));
}

TEST_P(client_test, what_never_found_a_server_is_counted_at_the_end) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        for (int i = 0; i < 10; ++i) say("in vain");
        co_await wait(self, 1s);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(metric("lines_unsent"), 10u);
    EXPECT_THAT(logged(), Contains(HasSubstr("10 lines were never sent")));
    EXPECT_LT(lasted, 3s);
}

TEST_P(client_test, the_end_of_what_is_typed_is_not_the_end_of_the_chat) {
    open();
    const auto body = [&](scripted& self) -> awaitable<void> {
        fall_silent();
        auto server = co_await listen(self);
        co_await accept(self, server);
        co_await wait(self, 1min);
        co_await send(server.speaks, bytes("anybody there?"));
        co_await wait(self);
        EXPECT_FALSE(server.hears->closed);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_THAT(heard_lines(), ElementsAre("anybody there?"));
}

TEST_P(client_test, a_server_and_many_clients_of_ours_understand_each_other) {
    constexpr int clients = 20;
    add_server({{"wire", name_of(wire())}});
    add_ends("chat");
    add("ears", {.run = streamhost::test::scripts::notes});
    for (int i = 0; i < clients; ++i) {
        const auto name = fmt::format("guest{}", i);
        graph.add<client>(name, {{"wire", name_of(wire())}});
        graph.link(name + ".incoming", "ears.in", sink_queue);
    }
    const auto body = [&](scripted& self) -> awaitable<void> {
        co_await wait(self, 1s);
        say("hello all");
        co_await wait(self, 1s);
    };
    EXPECT_EQ(play(body), 0);
    EXPECT_EQ(std::ranges::count(notes, "ears: hello all"), clients);
}

TEST(client_settings, that_cannot_be_meant_are_refused) {
    const client_settings below_nothing{.connect = "127.0.0.1:1", .wire = chat_wire::pickle};
    EXPECT_THROW(client::check(below_nothing), setting_error);
    const client_settings no_second_way{.send = "127.0.0.1:5", .wire = chat_wire::lines};
    EXPECT_THROW(client::check(no_second_way), setting_error);
    EXPECT_NO_THROW(client::check({}));
}

}  // namespace
}  // namespace streamhost::chat
