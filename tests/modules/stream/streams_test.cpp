#include "modules/stream/stream_fixture.hpp"

#include <streamhost/framed_types.hpp>
#include <streamhost/tcp_wire.hpp>

namespace streamhost::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using streams_test = stream_fixture;

TEST_F(streams_test, readings_texts_pictures_and_a_type_of_ones_own_go_both_ways_over_one_connection) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}, {"words", "text"}, {"camera", "video_frame"}, {"scan", "acme.scan"}},
          {{"orders", "record"}, {"replies", "text"}, {"view", "video_frame"}, {"plan", "acme.scan"}});
    feed<record>(robot, "server.readings");
    feed<text>(robot, "server.words");
    feed<video_frame>(robot, "server.camera", {{"size", 30'000}});
    feed<scan>(robot, "server.scan");
    note<record>(robot, "server.orders", "orders");
    note<text>(robot, "server.replies", "replies");
    note<video_frame>(robot, "server.view", "view");
    note<scan>(robot, "server.plan", "plan");

    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "record"}, {"words", "text"}, {"camera", "video_frame"}, {"scan", "acme.scan"}},
         {{"orders", "record"}, {"replies", "text"}, {"view", "video_frame"}, {"plan", "acme.scan"}});
    note<record>(operator_, "client.readings", "readings");
    note<text>(operator_, "client.words", "words");
    note<video_frame>(operator_, "client.camera", "camera");
    note<scan>(operator_, "client.scan", "scan");
    feed<record>(operator_, "client.orders");
    feed<text>(operator_, "client.replies");
    feed<video_frame>(operator_, "client.view", {{"size", 30'000}});
    feed<scan>(operator_, "client.plan");

    host_snapshot client;
    run(robot, [&](host_runtime&) { client = run(operator_, [&](host_runtime&) { world.run_for(10s); }); });
    EXPECT_EQ(metric(client, "client", "sessions_opened"), 1u);
    for (const auto* name : {"readings", "words", "camera", "scan", "orders", "replies", "view", "plan"}) {
        const auto list = numbers(name);
        ASSERT_GE(list.size(), 95u) << name;
        for (std::size_t i = 1; i < list.size(); ++i) ASSERT_EQ(list[i], list[i - 1] + 1) << name;
        EXPECT_EQ(messages[name].back().header.sequence, list.back()) << name << ": the source's own";
        EXPECT_EQ(messages[name].back().header.hops, 1) << name;
    }
    EXPECT_EQ(world.net().open_streams(), 0u);
}

TEST_F(streams_test, both_sides_know_how_old_what_comes_is) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}}, {{"orders", "record"}});
    feed<record>(robot, "server.readings");
    note<record>(robot, "server.orders", "orders");
    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "record"}}, {{"orders", "record"}});
    note<record>(operator_, "client.readings", "readings");
    feed<record>(operator_, "client.orders");
    run(robot, [&](host_runtime&) { run(operator_, [&](host_runtime&) { world.run_for(2s); }); });
    for (const auto* name : {"readings", "orders"}) {
        ASSERT_FALSE(messages[name].empty());
        EXPECT_EQ(messages[name].back().header.local_ns, messages[name].back().header.steady_ns) << "one clock, known";
    }
}

TEST_F(streams_test, a_late_client_gets_the_last_of_each_stream_at_once) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}, {"words", "text"}, {"camera", "video_frame"}, {"scan", "acme.scan"}});
    feed<record>(robot, "server.readings", {{"period", 60'000}});
    feed<text>(robot, "server.words", {{"period", 20'000}});
    feed<video_frame>(robot, "server.camera", {{"period", 60'000}, {"size", 300'000}});
    feed<scan>(robot, "server.scan", {{"period", 60'000}});
    auto late = host_of("late");
    dial(late, {{"readings", "record"}, {"words", "text"}, {"camera", "video_frame"}, {"scan", "acme.scan"}});
    note<record>(late, "client.readings", "readings");
    note<text>(late, "client.words", "words");
    note<video_frame>(late, "client.camera", "camera");
    note<scan>(late, "client.scan", "scan");
    run(robot, [&](host_runtime&) {
        world.run_for(50s);
        run(late, [&](host_runtime&) { world.run_for(1s); });
    });
    EXPECT_THAT(numbers("readings"), ElementsAre(1));
    EXPECT_THAT(numbers("words"), ElementsAre(3));
    EXPECT_THAT(numbers("camera"), ElementsAre(1));
    EXPECT_THAT(numbers("scan"), ElementsAre(1));
}

TEST_F(streams_test, a_reading_overtakes_the_pictures_that_wait_for_a_slow_connection) {
    auto robot = host_of("robot");
    serve(robot, {{"camera", "video_frame"}, {"readings", "record"}}).viewers.queue.items = 8;
    feed<video_frame>(robot, "server.camera", {{"period", 100}, {"size", 600'000}}, usual_queue(queue_policy::latest));
    feed<record>(robot, "server.readings", {{"period", 1000}});
    std::vector<std::pair<framed::message_type, std::int64_t>> order;  // with the age at arrival
    run(robot, [&](host_runtime&) {
        run_by_hand(
            [&order](module_context& host) -> awaitable<void> {
                auto dialled = co_await host.network().dial(stream_address);
                auto& session = *dialled;
                framed::hello hello;
                hello.flags = framed::many_streams;
                std::string refusal;
                (void)co_await open_framed(session, std::move(hello), refusal, 1s);
                std::string rest;
                std::array<std::byte, 16 * 1024> piece;
                for (int i = 0; i < 1000; ++i) {  // 16 KiB every 10 ms: a picture takes 370 ms
                    const auto count = co_await session.read_some(piece, 1s);
                    if (!count) break;
                    rest.append(reinterpret_cast<const char*>(piece.data()), *count);
                    for (;;) {
                        std::uint64_t length = 0;
                        if (rest.size() >= 8) std::memcpy(&length, rest.data(), 8);
                        if (length == 0 || rest.size() < 8 + length) break;
                        const auto message = framed::decode(shared_bytes::adopt(rest.substr(8, length)));
                        rest.erase(0, 8 + length);
                        order.emplace_back(message->head.type, host.clock().steady_ns() - message->head.steady_ns);
                    }
                    co_await host.sleep_for(10ms);
                }
            },
            10s);
    });
    int pictures = 0;
    int readings = 0;
    for (const auto& [type, age_ns] : order) {
        if (type == framed::message_type::video_frame) ++pictures;
        if (type != framed::message_type::record) continue;
        if (++readings == 1) continue;  // it was there before
        EXPECT_LT(age_ns, 500'000'000) << "it waited for the picture on its way at most, not for those behind";
    }
    EXPECT_GE(pictures, 20);
    EXPECT_GE(readings, 8);
}

TEST_F(streams_test, a_client_that_is_there_first_waits_and_comes_back_with_its_last_values) {
    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "record"}}, {{"orders", "record"}});
    note<record>(operator_, "client.readings", "readings");
    feed<record>(operator_, "client.orders", {{"count", 1}});
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}}, {{"orders", "record"}});
    feed<record>(robot, "server.readings");
    note<record>(robot, "server.orders", "orders");
    auto& first = world.add_host();
    auto& second = world.add_host();
    const auto after = run(operator_, [&](host_runtime& client) {
        world.run_for(5s);
        EXPECT_THAT(condition(client, "client"), HasSubstr("no streams from 127.0.0.1:9620"));
        for (auto* life : {&first, &second}) {
            const auto before = messages["readings"].size();
            host_runtime server(robot.plan(), *life);
            server.run([&] {
                world.run_for(30s);
                EXPECT_EQ(condition(client, "client"), "");
                server.stop_host("test");
            });
            EXPECT_GT(messages["readings"].size(), before + 150);
            world.run_for(5s);
            EXPECT_THAT(condition(client, "client"), HasSubstr("no streams from"));
        }
    });
    EXPECT_THAT(numbers("orders"), ElementsAre(1, 1)) << "once for each of the servers: the second knew nothing";
    EXPECT_EQ(metric(after, "client", "sessions_opened"), 2u);
    EXPECT_EQ(metric(after, "client", "messages_unsent"), 1u);
}

TEST_F(streams_test, a_session_that_begins_anew_repeats_nothing_that_has_come) {
    auto robot = host_of("robot");
    serve(robot, {{"words", "text"}}, {{"replies", "text"}});
    feed<text>(robot, "server.words", {{"count", 2}});
    note<text>(robot, "server.replies", "replies");
    auto operator_ = host_of("operator");
    auto& client_entry = dial(operator_, {{"words", "text"}}, {{"replies", "text"}});
    client_entry.limits.message_ms = 1s;
    note<text>(operator_, "client.words", "words");
    feed<text>(operator_, "client.replies", {{"count", 2}});
    host_snapshot client, server;
    server = run(robot, [&](host_runtime&) {
        client = run(operator_, [&](host_runtime&) {
            world.run_for(2s);
            world.net().cut_streams();
            world.run_for(20s);
        });
    });
    EXPECT_EQ(metric(client, "client", "sessions_opened"), 2u);
    EXPECT_THAT(numbers("words"), ElementsAre(1, 2));
    EXPECT_THAT(numbers("replies"), ElementsAre(1, 2));
    EXPECT_EQ(metric(client, "client", "messages_repeated"), 1u);
    EXPECT_EQ(metric(server, "server", "messages_repeated"), 1u);
}

TEST_F(streams_test, many_clients_speak_to_one_server) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}}, {{"orders", "record"}});
    feed<record>(robot, "server.readings");
    note<record>(robot, "server.orders", "orders");
    auto one = host_of("one");
    dial(one, {{"readings", "record"}}, {{"orders", "record"}});
    note<record>(one, "client.readings", "one");
    feed<record>(one, "client.orders", {{"count", 3}});
    auto two = host_of("two");
    dial(two, {}, {{"orders", "record"}});
    feed<record>(two, "client.orders", {{"count", 3}});
    run(robot, [&](host_runtime&) {
        run(one, [&](host_runtime&) {
            run(two, [&](host_runtime& host) {
                world.run_for(3s);
                EXPECT_EQ(condition(host, "client"), "") << "it only sends, and all is well";
            });
        });
    });
    ASSERT_THAT(messages["orders"], SizeIs(6));
    EXPECT_NE(messages["orders"].front().header.origin, messages["orders"].back().header.origin);
    EXPECT_GE(messages["one"].size(), 25u);
}

TEST_F(streams_test, another_type_under_one_name_is_refused_with_both_named) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}});
    feed<record>(robot, "server.readings");
    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "text"}});
    note<text>(operator_, "client.readings", "readings");
    run(robot, [&](host_runtime&) {
        run(operator_, [&](host_runtime& client) {
            world.run_for(2s);
            EXPECT_THAT(condition(client, "client"), HasSubstr("the stream \"readings\" is record there and text here"));
        });
    });
    EXPECT_THAT(messages["readings"], IsEmpty());
}

TEST_F(streams_test, a_client_that_offers_another_type_hears_why_it_is_cut) {
    auto robot = host_of("robot");
    serve(robot, {}, {{"orders", "record"}});
    note<record>(robot, "server.orders", "orders");
    auto operator_ = host_of("operator");
    dial(operator_, {}, {{"orders", "acme.scan"}});
    feed<scan>(operator_, "client.orders");
    const auto server = run(robot, [&](host_runtime&) {
        run(operator_, [&](host_runtime& client) {
            world.run_for(2s);
            EXPECT_THAT(condition(client, "client"),
                        HasSubstr("the stream \"orders\" is acme.scan version 3 there and record here"));
        });
    });
    EXPECT_GE(metric(server, "server", "peers_refused"), 1u);
    EXPECT_THAT(logged, Contains(HasSubstr("is cut: the stream \"orders\" is acme.scan version 3 there and record here")));
    EXPECT_THAT(messages["orders"], IsEmpty());
}

TEST_F(streams_test, streams_that_the_other_side_does_not_know_cost_one_line) {
    auto robot = host_of("robot");
    serve(robot, {{"readings", "record"}, {"scan", "acme.scan"}});
    feed<record>(robot, "server.readings");
    feed<scan>(robot, "server.scan");
    auto operator_ = host_of("operator");
    dial(operator_, {{"readings", "record"}, {"weather", "text"}});
    note<record>(operator_, "client.readings", "readings");
    note<text>(operator_, "client.weather", "weather");
    host_snapshot client;
    run(robot, [&](host_runtime&) { client = run(operator_, [&](host_runtime&) { world.run_for(2s); }); });
    EXPECT_GE(messages["readings"].size(), 15u);
    EXPECT_EQ(metric(client, "client", "streams_ignored"), 1u);
    EXPECT_EQ(std::ranges::count_if(logged, [](const auto& line) { return line.find("\"scan\"") != std::string::npos; }), 1);
}

TEST_F(streams_test, what_waits_reaches_the_server_before_the_client_ends) {
    auto robot = host_of("robot");
    serve(robot, {}, {{"orders", "record"}});
    note<record>(robot, "server.orders", "orders");
    auto operator_ = host_of("operator");
    dial(operator_, {}, {{"orders", "record"}});
    feed<record>(operator_, "client.orders", {{"period", 1}, {"count", 50}});
    run(robot, [&](host_runtime&) {
        run(operator_, [&](host_runtime&) { world.run_for(49ms); });
        world.run_for(1s);
    });
    EXPECT_THAT(messages["orders"], SizeIs(::testing::Ge(48u)));
    EXPECT_THAT(logged, Not(Contains(HasSubstr("ended hard"))));
}

TEST_F(streams_test, a_message_beyond_the_limit_is_not_sent_and_counted) {
    auto robot = host_of("robot");
    auto& entry = serve(robot, {{"blobs", "bytes"}, {"readings", "record"}});
    entry.limits.message_bytes = 20'000;
    feed<bytes>(robot, "server.blobs", {{"size", 30'000}});
    feed<record>(robot, "server.readings");
    auto operator_ = host_of("operator");
    dial(operator_, {{"blobs", "bytes"}, {"readings", "record"}});
    note<bytes>(operator_, "client.blobs", "blobs");
    note<record>(operator_, "client.readings", "readings");
    const auto server =
        run(robot, [&](host_runtime&) { run(operator_, [&](host_runtime&) { world.run_for(2s); }); });
    EXPECT_THAT(messages["blobs"], IsEmpty());
    EXPECT_GE(messages["readings"].size(), 15u);
    EXPECT_GE(metric(server, "server", "messages_too_large"), 15u);
}

TEST_F(streams_test, messages_in_a_circle_end_and_the_sessions_do_not) {
    auto robot = host_of("robot");
    serve(robot, {{"there", "record"}, {"beat", "record"}}, {{"back", "record"}});
    robot.link("server.back", "server.there");
    feed<record>(robot, "server.beat");
    auto other = host_of("other");
    dial(other, {{"there", "record"}, {"beat", "record"}}, {{"back", "record"}});
    other.link("client.there", "client.back");
    note<record>(other, "client.beat", "beat");
    auto third = host_of("third");
    dial(third, {}, {{"back", "record"}});
    feed<record>(third, "client.back", {{"count", 2}});  // the first that comes back looks like a repetition
    host_snapshot client;
    const auto server = run(robot, [&](host_runtime&) {
        client = run(other, [&](host_runtime&) {
            world.run_for(1s);
            run(third, [&](host_runtime&) { world.run_for(2s); });
        });
    });
    EXPECT_EQ(metric(server, "server", "messages_circling"), 1u);
    EXPECT_EQ(metric(client, "client", "sessions_opened"), 1u);
    EXPECT_GE(messages["beat"].size(), 25u);
}

TEST_F(streams_test, settings_that_cannot_be_are_refused) {
    using stream_family::client;
    stream_family::client_settings chosen;
    EXPECT_THROW(client::check(chosen), configuration_error) << "no stream at all";
    chosen.send = {{"Readings", "record"}};
    EXPECT_THROW(client::check(chosen), setting_error) << "no name of a port";
    chosen.send = {{"readings", "no type"}};
    EXPECT_THROW(client::check(chosen), setting_error);
    chosen.send.clear();
    for (int i = 0; i < 65; ++i) chosen.send["s" + std::to_string(i)] = "record";
    EXPECT_THROW(client::check(chosen), setting_error) << "too many";
    chosen.send.erase("s64");
    EXPECT_NO_THROW(client::check(chosen));
}

TEST_F(streams_test, ports_are_typed_as_the_settings_say) {
    stream_family::client_settings chosen;
    chosen.send = {{"readings", "record"}, {"scan", "acme.scan"}};
    chosen.receive = {{"orders", "text"}};
    const auto ports = stream_family::client::ports_for(chosen);
    ASSERT_THAT(ports.inputs, SizeIs(2));
    EXPECT_EQ(*ports.inputs[0].type, type_of<record>());
    EXPECT_TRUE(ports.inputs[0].required && ports.inputs[0].over_wire);
    EXPECT_TRUE(ports.inputs[1].any);
    EXPECT_EQ(ports.inputs[1].named_type, "acme.scan");
    ASSERT_THAT(ports.outputs, SizeIs(1));
    EXPECT_TRUE(ports.outputs[0].spontaneous);
}

TEST_F(streams_test, sixty_four_streams_fit_into_a_session) {
    boost::json::object streams;
    for (int i = 0; i < 64; ++i) streams["s" + std::to_string(i)] = "record";
    auto robot = host_of("robot");
    serve(robot, streams);
    auto operator_ = host_of("operator");
    dial(operator_, streams);
    for (int i = 0; i < 64; ++i) {
        feed<record>(robot, "server.s" + std::to_string(i));
        note<record>(operator_, "client.s" + std::to_string(i), "sink" + std::to_string(i));
    }
    run(robot, [&](host_runtime&) { run(operator_, [&](host_runtime&) { world.run_for(1s); }); });
    for (int i = 0; i < 64; ++i) EXPECT_GE(messages["sink" + std::to_string(i)].size(), 9u) << i;
}

// --- types ---

TEST(framed_types, every_standard_type_is_found_by_its_name) {
    for (const auto* name : {"video_frame", "encoded_image", "audio_block", "text", "record", "bytes"}) {
        const auto* const type = standard_type(name);
        ASSERT_NE(type, nullptr) << name;
        EXPECT_EQ(type->name, name);
        EXPECT_EQ(describe_framed_type(framed_type(*type), "", 0), name);
    }
    EXPECT_EQ(standard_type("acme.scan"), nullptr);
}

TEST(framed_types, a_type_with_its_own_encoding_crosses_as_user) {
    const auto& type = type_of<scan>();
    EXPECT_TRUE(type.crosses_wires);
    EXPECT_EQ(framed_type(type), framed::message_type::user);
    const auto payload = to_framed_payload(make_envelope(scan{7, {0.5F}}));
    const auto again = to_envelope(payload, type).value();
    EXPECT_EQ(static_cast<const scan*>(again.payload.get())->number, 7u);
    EXPECT_EQ(again.type, &type);
}

TEST(framed_types, another_version_and_broken_bytes_are_refused) {
    auto value = std::get<framed::user_value>(to_framed_payload(make_envelope(scan{7, {}})));
    auto other = value;
    other.version = 4;
    EXPECT_EQ(to_envelope(other, type_of<scan>()).error(), errc::unsupported);
    other = value;
    other.data = shared_bytes::adopt("abc"s);
    EXPECT_EQ(to_envelope(other, type_of<scan>()).error(), errc::malformed);
    EXPECT_EQ(to_envelope(value, type_of<text>()).error(), errc::unsupported);
    EXPECT_EQ(to_envelope(text{"line"}, type_of<record>()).error(), errc::unsupported);
}

}  // namespace
}  // namespace streamhost::test
