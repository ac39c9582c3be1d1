#include "modules/stream/stream_fixture.hpp"


namespace streamhost::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string greeting() {
    framed::hello hello;
    hello.flags = framed::many_streams;
    const auto bytes = framed::encode(hello);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string announced(std::uint32_t channel, const std::string& name, framed::message_type type,
                      const std::string& user_type = {}, std::uint32_t version = 0) {
    framed::header head;
    head.channel = channel;
    framed::announce stream;
    stream.name = name;
    stream.type = type;
    stream.user_type = user_type;
    stream.user_version = version;
    const auto written = framed::encode(head, stream);
    return std::string(written.prefix.as_text()) + std::string(written.body.as_text());
}

std::string message(std::uint32_t channel, const framed::payload& content) {
    framed::header head;
    head.channel = channel;
    head.sequence = 1;
    const auto written = framed::encode(head, content);
    return std::string(written.prefix.as_text()) + std::string(written.body.as_text());
}

std::string reading(std::uint32_t channel, std::uint32_t number) {
    return message(channel, record{boost::json::object{{"n", number}}});
}

/// A server that takes `orders` and `scan`, beside a good client whose readings must go on whatever the peer does.
class hostile_peers_test : public stream_fixture {
protected:
    /// Sends `bytes` behind the greeting and waits for the end of the session; gives the server's last word.
    std::string say(const std::string& bytes) { return say_raw(greeting() + bytes); }

    std::string say_raw(std::string bytes) {
        auto robot = host_of("robot");
        serve(robot, {{"readings", "record"}}, {{"orders", "record"}, {"scan", "acme.scan"}});
        feed<record>(robot, "server.readings");
        note<record>(robot, "server.orders", "orders");
        note<scan>(robot, "server.scan", "scan");
        auto good = host_of("good");
        dial(good, {{"readings", "record"}});
        note<record>(good, "client.readings", "readings");
        std::string heard;
        server = run(robot, [&](host_runtime&) {
            client = run(good, [&](host_runtime&) {
                run_by_hand([&heard, &bytes](module_context& host) { return speak(host, bytes, heard); }, 3s);
            });
        });
        EXPECT_GE(messages["readings"].size(), 25u) << "nothing happened to the good one";
        EXPECT_EQ(metric(client, "client", "sessions_opened"), 1u);
        EXPECT_EQ(world.net().open_streams(), 0u);
        return heard;
    }

    static awaitable<void> speak(module_context& host, std::string bytes, std::string& heard) {
        auto session = co_await host.network().dial(stream_address);
        (void)co_await session->write(asio::buffer(bytes));
        std::array<std::byte, 4096> piece;
        for (;;) {
            const auto count = co_await session->read_some(piece, 2s);
            if (!count) break;
            heard.append(reinterpret_cast<const char*>(piece.data()), *count);
        }
    }

    host_snapshot server, client;
};

TEST_F(hostile_peers_test, what_is_right_is_taken) {
    say(announced(7, "orders", framed::message_type::record) + reading(7, 1));
    EXPECT_THAT(numbers("orders"), ::testing::ElementsAre(1));
}

TEST_F(hostile_peers_test, a_channel_that_was_never_announced_ends_the_session_with_a_reason) {
    EXPECT_THAT(say(reading(5, 1)), HasSubstr("it sends on channel 5, which it has not announced"));
    EXPECT_EQ(metric(server, "server", "peers_refused"), 1u);
}

TEST_F(hostile_peers_test, content_without_a_channel_does) {
    EXPECT_THAT(say(reading(0, 1)), HasSubstr("it sends on channel 0, which it has not announced"));
}

TEST_F(hostile_peers_test, a_channel_beyond_all_bounds_does) {
    EXPECT_THAT(say(reading(0xFFFFFFFF, 1)), HasSubstr("channel 4294967295, which it has not announced"));
}

TEST_F(hostile_peers_test, announcing_a_channel_that_cannot_be_does) {
    EXPECT_THAT(say(announced(65, "orders", framed::message_type::record)), HasSubstr("it announces channel 65"));
    EXPECT_THAT(say(announced(0, "orders", framed::message_type::record)), HasSubstr("it announces channel 0"));
}

TEST_F(hostile_peers_test, announcing_twice_does) {
    const auto once = announced(1, "orders", framed::message_type::record);
    EXPECT_THAT(say(once + once), HasSubstr("it announces the channel of \"orders\" twice"));
    EXPECT_THAT(say(once + announced(2, "orders", framed::message_type::record)),
                HasSubstr("it announces the stream \"orders\" twice"));
}

TEST_F(hostile_peers_test, a_flood_of_announcements_ends_at_the_first_repeated_channel) {
    std::string flood;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        flood += announced(1 + i % 64, "stream" + std::to_string(i), framed::message_type::text);
    }
    EXPECT_THAT(say(flood), HasSubstr("twice"));
    EXPECT_EQ(metric(server, "server", "streams_ignored"), 64u);
}

TEST_F(hostile_peers_test, another_type_than_announced_does) {
    EXPECT_THAT(say(announced(1, "orders", framed::message_type::record) + message(1, text{"hello"})),
                HasSubstr("the stream \"orders\" is record, and it sends something else there"));
}

TEST_F(hostile_peers_test, another_version_of_a_user_s_type_does) {
    EXPECT_THAT(say(announced(1, "scan", framed::message_type::user, "acme.scan", 4)),
                HasSubstr("the stream \"scan\" is acme.scan version 4 there and acme.scan version 3 here"));
}

TEST_F(hostile_peers_test, a_user_s_type_that_its_decoder_refuses_does) {
    framed::user_value broken{"acme.scan", 3, shared_bytes::adopt("abc"s)};
    EXPECT_THAT(say(announced(1, "scan", framed::message_type::user, "acme.scan", 3) + message(1, broken)),
                HasSubstr("a message of \"scan\" is broken"));
}

TEST_F(hostile_peers_test, a_user_s_type_under_another_s_announcement_does) {
    framed::user_value other{"acme.other", 3, shared_bytes::adopt("abcd"s)};
    EXPECT_THAT(say(announced(1, "scan", framed::message_type::user, "acme.scan", 3) + message(1, other)),
                HasSubstr("a message of \"scan\" is broken"));
}

TEST_F(hostile_peers_test, a_message_beyond_the_limit_does) {
    EXPECT_THAT(say("\0\0\0\x01\0\0\0\0"s), HasSubstr("SHFM"));
    EXPECT_EQ(metric(server, "server", "peers_refused"), 1u);
}

TEST_F(hostile_peers_test, messages_of_a_later_version_are_skipped) {
    framed::header head;
    head.type = static_cast<framed::message_type>(99);
    const auto later = framed::forward(head, shared_bytes::adopt("later"s));
    say(announced(1, "orders", framed::message_type::record) + std::string(later.prefix.as_text()) +
        std::string(later.body.as_text()) + reading(1, 1));
    EXPECT_THAT(numbers("orders"), ::testing::ElementsAre(1));
}

TEST_F(hostile_peers_test, a_peer_that_ends_at_any_byte_ends_its_own_session_only) {
    const auto whole = greeting() + announced(1, "orders", framed::message_type::record) + reading(1, 1);
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}}, {{"orders", "record"}});
    feed<record>(robot, "server.readings");
    note<record>(robot, "server.orders", "orders");
    auto good = host_of("good");
    dial(good, {{"readings", "record"}});
    note<record>(good, "client.readings", "readings");
    server = run(robot, [&](host_runtime& host) {
        client = run(good, [&](host_runtime&) {
            world.run_for(1s);
            for (std::size_t size = 0; size <= whole.size(); ++size) {
                const auto part = whole.substr(0, size);
                run_by_hand(
                    [&part](module_context& context) -> awaitable<void> {
                        auto session = co_await context.network().dial(stream_address);
                        (void)co_await session->write(asio::buffer(part));
                        session->finish();
                        std::array<std::byte, 4096> ignored;
                        for (;;) {
                            const auto count = co_await session->read_some(ignored, 500ms);
                            if (!count) break;
                        }
                    },
                    1s);
                ASSERT_EQ(metric(host.snapshot(), "server", "viewers"), 1u) << "the good one, after " << size << " bytes";
            }
        });
    });
    EXPECT_EQ(numbers("orders").size(), 1u) << "once, when it was whole";
    EXPECT_GE(messages["readings"].size(), 10 * whole.size());
    EXPECT_EQ(metric(client, "client", "sessions_opened"), 1u);
}

TEST_F(hostile_peers_test, a_server_that_ends_at_any_byte_is_dialled_again) {
    framed::answer answer;
    answer.accepted = true;
    answer.flags = framed::many_streams;
    const auto opening = framed::encode(answer);
    const auto whole = std::string(reinterpret_cast<const char*>(opening.data()), opening.size()) +
                       announced(1, "readings", framed::message_type::record) + reading(1, 1);
    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "record"}});
    note<record>(operator_, "client.readings", "readings");
    std::size_t served = 0;
    client = run(operator_, [&](host_runtime& host) {
        run_by_hand(
            [&](module_context& context) -> awaitable<void> {
                auto entrance = co_await context.network().listen(stream_address);
                for (; served <= whole.size(); ++served) {
                    auto session = co_await entrance.accept();
                    if (!session) break;
                    const auto part = whole.substr(0, served);
                    (void)co_await session->write(asio::buffer(part));
                }
            },
            2h);
        EXPECT_THAT(condition(host, "client"), HasSubstr("no streams from"));
    });
    EXPECT_EQ(served, whole.size() + 1);
    EXPECT_GE(messages["readings"].size(), 1u);
}

TEST_F(hostile_peers_test, a_peer_that_is_silent_is_given_up) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}}, {{"orders", "record"}});
    feed<record>(robot, "server.readings");
    note<record>(robot, "server.orders", "orders");
    server = run(robot, [&](host_runtime& host) {
        run_by_hand(
            [](module_context& context) -> awaitable<void> {
                auto session = co_await context.network().dial(stream_address);
                const auto hello = greeting();
                (void)co_await session->write(asio::buffer(hello));
                std::array<std::byte, 4096> piece;
                for (;;) {  // it reads, and says nothing more
                    const auto count = co_await session->read_some(piece, 30s);
                    if (!count) break;
                }
            },
            20s);
        EXPECT_EQ(metric(host.snapshot(), "server", "viewers"), 0u);
    });
}

}  // namespace
}  // namespace streamhost::test
