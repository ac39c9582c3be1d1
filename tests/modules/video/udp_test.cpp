#include "datagram_picture.hpp"
#include "picture_ends.hpp"
#include "udp_client.hpp"
#include "udp_ends.hpp"
#include "udp_receiver.hpp"
#include "udp_sender.hpp"
#include "udp_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using ::streamhost::test::plan_builder;
using test::chat_source;
using test::image_sink;
using test::image_source;
using test::metric;
using test::number_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// A viewer or sender of another make.
class peer final : public test::datagram_peer {
public:
    using datagram_peer::datagram_peer;

    std::vector<std::uint32_t> pictures;  ///< their numbers
    std::vector<std::string> words;       ///< what else came

private:
    void hear(std::span<const std::byte> datagram) override {
        const auto picture = picture_in(datagram);
        if (picture) {
            pictures.push_back(number_of(*picture));
        } else {
            words.emplace_back(reinterpret_cast<const char*>(datagram.data()), datagram.size());
        }
    }
};

class udp_test : public ::testing::Test {
protected:
    udp_test() {
        image_source::make = test::numbered_image;
        image_sink::numbers.clear();
        image_sink::images.clear();
        image_sink::times.clear();
    }

    static plan_builder serving(boost::json::object settings = {}, boost::json::object source = {}) {
        plan_builder plan("server");
        plan.add<image_source>("source", std::move(source));
        plan.add<udp_server>("video", std::move(settings));
        plan.link("source.images", "video.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder serving_chat(boost::json::object settings = {}) {
        auto plan = serving(std::move(settings));
        plan.add<chat_source>("chat");
        plan.link("chat.peers", "video.peers");
        return plan;
    }
    static plan_builder viewing() {
        plan_builder plan("viewer");
        plan.add<udp_client>("video");
        plan.add<image_sink>("sink");
        plan.link("video.images", "sink.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder receiving() {
        plan_builder plan("receiver");
        plan.add<udp_receiver>("video");
        plan.add<image_sink>("sink");
        plan.link("video.images", "sink.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder sending() {
        plan_builder plan("sender");
        plan.add<image_source>("source");
        plan.add<udp_sender>("video");
        plan.link("source.images", "video.images", usual_queue(queue_policy::latest));
        return plan;
    }

    /// Runs a host, and `script` beside it; then the host drains.
    void with(const plan_builder& plan, const std::function<void(host_runtime&)>& script) {
        host_runtime host(plan.plan(), world.add_host());
        EXPECT_EQ(host.run([&] {
            script(host);
            host.stop_host("test");
        }), 0);
        after = host.snapshot();
    }
    static std::uint64_t viewers(const host_runtime& server) { return metric(server.snapshot(), "video", "viewers"); }
    static std::string condition(const host_runtime& host) {
        for (const auto& each : host.snapshot().instances) {
            if (each.name == "video") return each.condition;
        }
        return "there is no `video`";
    }

    static void expect_consecutive(const std::vector<std::uint32_t>& numbers) {
        for (std::size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[i - 1] + 1);
    }

    simulation world{1};
    host_snapshot after;
};

// --- the server -----------------------------------------------------------------------------------------------------

TEST_F(udp_test, whoever_says_hello_gets_every_picture_from_then_on) {
    with(serving(), [&](host_runtime& server) {
        peer first(world, "127.0.0.1:1001"), second(world, "127.0.0.1:1002");
        world.run_for(1s);
        EXPECT_THAT(first.pictures, IsEmpty());
        first.say("Hello");
        world.run_for(1s);
        second.say("anything");
        world.run_for(8s);
        EXPECT_EQ(first.pictures.size(), 91u) << "the one that was there, and ten a second";
        EXPECT_EQ(second.pictures.size(), 81u);
        expect_consecutive(first.pictures);
        expect_consecutive(second.pictures);
        EXPECT_EQ(viewers(server), 2u);
    });
    EXPECT_EQ(metric(after, "video", "viewer_messages_sent"), 91u + 81u);
}

TEST_F(udp_test, fifty_viewers_get_the_same) {
    with(serving({{"max", 50}}), [&](host_runtime& server) {
        std::vector<std::unique_ptr<peer>> all;
        for (int i = 0; i < 50; ++i) {
            all.push_back(std::make_unique<peer>(world, "127.0.0.1:" + std::to_string(1000 + i)));
            all.back()->say("Hello");
        }
        world.run_for(5s);
        EXPECT_EQ(viewers(server), 50u);
        for (const auto& each : all) EXPECT_EQ(each->pictures, all.front()->pictures);
        EXPECT_GE(all.front()->pictures.size(), 49u);
    });
}

TEST_F(udp_test, a_newcomer_gets_the_last_picture_at_once) {
    with(serving({}, {{"period", 60'000}}), [&](host_runtime&) {
        world.run_for(61s);
        peer late(world, "127.0.0.1:1001");
        late.say("Hello");
        world.run_for(1ms);
        EXPECT_THAT(late.pictures, ElementsAre(1));
        late.say("Hello");
        world.run_for(1s);
        EXPECT_THAT(late.pictures, SizeIs(1)) << "once";
    });
}

TEST_F(udp_test, a_newcomer_before_the_first_picture_gets_nothing_until_it_comes) {
    with(serving({}, {{"period", 10'000}}), [&](host_runtime&) {
        peer early(world, "127.0.0.1:1001");
        early.say("Hello");
        world.run_for(9s);
        EXPECT_THAT(early.pictures, IsEmpty());
        EXPECT_THAT(early.words, IsEmpty());
        world.run_for(2s);
        EXPECT_THAT(early.pictures, ElementsAre(1));
    });
}

TEST_F(udp_test, a_viewer_whose_host_refuses_is_gone_with_the_next_picture) {
    with(serving(), [&](host_runtime& server) {
        {
            peer brief(world, "127.0.0.1:1001");
            brief.say("Hello");
            world.run_for(1s);
            EXPECT_EQ(viewers(server), 1u);
        }
        world.run_for(200ms);
        EXPECT_EQ(viewers(server), 0u);
    });
}

TEST_F(udp_test, a_viewer_of_the_tutorials_that_vanished_without_a_word_makes_room_for_a_new_one) {
    with(serving({{"max", 2}}), [&](host_runtime& server) {
        world.net().datagrams().faults.refuses = false;
        for (int i = 0; i < 5; ++i) {
            peer brief(world, "127.0.0.1:" + std::to_string(1001 + i));
            brief.say("Hello");
            world.run_for(1s);
            EXPECT_GE(brief.pictures.size(), 9u);
        }
        world.run_for(60s);
        EXPECT_EQ(viewers(server), 2u);
    });
}

TEST_F(udp_test, pictures_of_other_servers_and_refusals_are_no_requests) {
    with(serving(), [&](host_runtime& server) {
        peer odd(world, "127.0.0.1:1001");
        odd.say(base64_jpeg::encode(test::numbered_image(1).data.span())->span());
        odd.say(base64_jpeg::refusal());
        world.run_for(1s);
        EXPECT_EQ(viewers(server), 0u);
        EXPECT_EQ(odd.heard, 0u);
    });
}

TEST_F(udp_test, a_full_buffer_costs_pictures_and_nothing_else) {
    with(serving(), [&](host_runtime& server) {
        peer one(world, "127.0.0.1:1001"), two(world, "127.0.0.1:1002");
        one.say("Hello");
        two.say("Hello");
        world.run_for(1s);
        const auto before = one.pictures.size();
        world.net().datagrams().faults.full = true;
        world.run_for(1s);
        world.net().datagrams().faults.full = false;
        EXPECT_EQ(one.pictures.size(), before);
        EXPECT_EQ(viewers(server), 2u);
        world.run_for(1s);
        EXPECT_GE(one.pictures.size(), before + 9);
    });
    EXPECT_NEAR(static_cast<double>(metric(after, "video", "viewer_messages_dropped")), 20, 2);
}

TEST_F(udp_test, a_picture_that_is_too_large_arrives_smaller) {
    static const auto noise = test::jpeg_of(test::noise(640, 480), 95);
    ASSERT_GT(noise.size(), base64_jpeg::largest_jpeg);
    image_source::make = [](std::uint32_t) {
        return encoded_image{640, 480, image_codec::jpeg, shared_bytes::adopt(noise)};
    };
    with(serving({}, {{"count", 3}}), [&](host_runtime& server) {
        host_runtime viewer(viewing().plan(), world.add_host());
        viewer.run([&] {
            world.run_for(3s);
            viewer.stop_host("test");
        });
        (void)server;
    });
    ASSERT_THAT(image_sink::images, SizeIs(::testing::Ge(2u)));
    for (const auto& each : image_sink::images) {
        EXPECT_LE(each->data.size(), base64_jpeg::largest_jpeg);
        EXPECT_GT(each->width, 0);
    }
    EXPECT_GE(metric(after, "video", "pictures_shrunk"), 2u);
}

TEST_F(udp_test, a_damaged_picture_that_is_too_large_is_counted_and_the_next_one_comes) {
    static auto damaged = test::jpeg_of(test::noise(640, 480), 95);
    damaged.erase(damaged.end() - 1000, damaged.end());
    image_source::make = [](std::uint32_t number) {
        if (number % 2 == 0) return test::numbered_image(number);
        return encoded_image{640, 480, image_codec::jpeg, shared_bytes::adopt(damaged)};
    };
    with(serving(), [&](host_runtime&) {
        peer one(world, "127.0.0.1:1001");
        one.say("Hello");
        world.run_for(1s);
        EXPECT_THAT(one.pictures, SizeIs(::testing::Ge(4u)));
    });
    EXPECT_GE(metric(after, "video", "pictures_failed"), 4u);
}

TEST_F(udp_test, the_end_of_the_stream_is_the_end_of_the_server) {
    const auto plan = serving({}, {{"count", 3}});
    host_runtime host(plan.plan(), world.add_host());
    std::optional<peer> viewer;
    EXPECT_EQ(host.run([&] {
        viewer.emplace(world, "127.0.0.1:1001");
        viewer->say("Hello");
    }), 0) << "nobody had to stop it";
    world.run_for(0s);
    EXPECT_THAT(viewer->pictures, ElementsAre(1, 2, 3));
}

// --- proof ----------------------------------------------------------------------------------------------------------

TEST_F(udp_test, a_stranger_gets_nothing) {
    with(serving(), [&](host_runtime& server) {
        peer stranger(world, "10.0.0.5:1001");
        stranger.say("Hello");
        stranger.say(base64_jpeg::view_request());
        world.run_for(5s);
        EXPECT_EQ(stranger.heard, 0u);
        EXPECT_EQ(viewers(server), 0u);
    });
    EXPECT_EQ(metric(after, "video", "datagrams_refused"), 2u);
}

TEST_F(udp_test, an_allowed_network_needs_no_chat) {
    auto plan = serving();
    auto allowed = plan.plan();
    allowed.instances[1].allow = {"10.0.0.0/8"};
    host_runtime server(allowed, world.add_host());
    server.run([&] {
        peer viewer(world, "10.0.0.5:1001");
        viewer.say("Hello");
        world.run_for(1s);
        EXPECT_GE(viewer.pictures.size(), 9u);
        server.stop_host("test");
    });
}

TEST_F(udp_test, a_viewer_of_the_tutorials_says_hello_connects_its_chat_and_views_until_that_ends) {
    with(serving_chat(), [&](host_runtime& server) {
        peer viewer(world, "10.0.0.5:1001");
        viewer.say("Hello");
        world.run_for(20ms);
        EXPECT_EQ(viewers(server), 0u);
        chat_source::one->say("10.0.0.5:51234", true);
        world.run_for(5s);
        EXPECT_EQ(viewers(server), 1u);
        EXPECT_GE(viewer.pictures.size(), 49u);
        EXPECT_THAT(viewer.words, IsEmpty()) << "it would die of a word";
        chat_source::one->say("10.0.0.5:51234", false);
        world.run_for(1s);
        EXPECT_EQ(viewers(server), 0u);
        const auto before = viewer.pictures.size();
        world.run_for(1s);
        EXPECT_EQ(viewer.pictures.size(), before);
    });
}

TEST_F(udp_test, thousands_of_spoofed_requests_bring_their_victim_less_than_three_times_what_was_sent) {
    with(serving_chat(), [&](host_runtime& server) {
        chat_source::one->say("10.0.0.5:51234", true);
        std::size_t said = 0, heard = 0;
        for (int i = 0; i < 1000; ++i) {
            peer victim(world, "203.0.113." + std::to_string(i % 250) + ":" + std::to_string(1000 + i));
            victim.say("Hello");
            victim.say(base64_jpeg::view_request());
            victim.say("");
            world.run_for(5ms);
            said += victim.said;
            heard += victim.heard;
            EXPECT_THAT(victim.pictures, IsEmpty());
        }
        EXPECT_GT(heard, 0u) << "a word that explains it";
        EXPECT_LE(heard, 3 * said);
        EXPECT_EQ(viewers(server), 0u);
    });
    EXPECT_EQ(metric(after, "video", "requests_unproven"), 3000u);
}

TEST_F(udp_test, news_of_the_chat_that_is_none_is_survived) {
    with(serving_chat(), [&](host_runtime& server) {
        chat_source::one->say("nonsense", true);
        peer viewer(world, "127.0.0.1:1001");
        viewer.say("Hello");
        world.run_for(1s);
        EXPECT_EQ(viewers(server), 1u);
    });
}

// --- the client -----------------------------------------------------------------------------------------------------

TEST_F(udp_test, a_client_views_says_bye_and_leaves_nothing_behind) {
    with(serving(), [&](host_runtime& server) {
        host_runtime viewer(viewing().plan(), world.add_host());
        viewer.run([&] {
            world.run_for(60s);
            EXPECT_EQ(viewers(server), 1u);
            viewer.stop_host("test");
        });
        EXPECT_GE(image_sink::numbers.size(), 595u);
        expect_consecutive(image_sink::numbers);
        world.run_for(1ms);
        EXPECT_EQ(viewers(server), 0u) << "it said bye";
    });
}

TEST_F(udp_test, a_client_that_starts_first_waits_for_its_server_and_comes_back_to_it) {
    host_runtime viewer(viewing().plan(), world.add_host());
    auto& first = world.add_host();
    auto& second = world.add_host();
    viewer.run([&] {
        world.run_for(5s);
        EXPECT_THAT(condition(viewer), HasSubstr("no video from 127.0.0.1:9699: nobody receives there"));
        for (auto* face : {&first, &second}) {
            const auto before = image_sink::numbers.size();
            host_runtime server(serving().plan(), *face);
            server.run([&] {
                world.run_for(10s);
                EXPECT_EQ(condition(viewer), "");
                server.stop_host("test");
            });
            EXPECT_GE(image_sink::numbers.size(), before + 90) << "back within a second";
            world.run_for(5s);
            EXPECT_THAT(condition(viewer), HasSubstr("no video"));
        }
        viewer.stop_host("test");
    });
}

TEST_F(udp_test, a_client_whose_first_request_is_lost_asks_again) {
    with(serving(), [&](host_runtime&) {
        host_runtime viewer(viewing().plan(), world.add_host());
        world.net().datagrams().faults.lost = 1;
        viewer.run([&] {
            world.run_for(100ms);
            EXPECT_EQ(condition(viewer), "") << "no answer is due yet";
            world.run_for(2900ms);
            EXPECT_THAT(image_sink::numbers, IsEmpty());
            EXPECT_THAT(condition(viewer), HasSubstr("no answer yet"));
            world.net().datagrams().faults.lost = 0;
            world.run_for(600ms);
            EXPECT_THAT(image_sink::numbers, Not(IsEmpty()));
            viewer.stop_host("test");
        });
    });
}

TEST_F(udp_test, a_client_that_falls_silent_is_gone_after_ten_seconds) {
    with(serving(), [&](host_runtime& server) {
        peer ours(world, "127.0.0.1:1001");
        ours.say(base64_jpeg::view_request());
        world.run_for(9s);
        EXPECT_EQ(viewers(server), 1u);
        world.run_for(3s);
        EXPECT_EQ(viewers(server), 0u);
        EXPECT_LE(ours.pictures.size(), 121u);
    });
}

TEST_F(udp_test, a_client_that_is_not_proven_says_what_is_missing) {
    host_runtime viewer(viewing().plan(), world.add_host());
    viewer.run([&] {
        peer server(world, "127.0.0.1:9699");
        world.run_for(1s);
        ASSERT_THAT(server.words, Not(IsEmpty()));
        EXPECT_EQ(server.words.front(), "streamhost-video/1 view");
        server.answer(base64_jpeg::refusal());
        world.run_for(1s);
        EXPECT_THAT(condition(viewer), HasSubstr("the server does not know us"));
        viewer.stop_host("test");
    });
}

TEST_F(udp_test, a_client_survives_what_is_no_picture) {
    host_runtime viewer(viewing().plan(), world.add_host());
    viewer.run([&] {
        peer server(world, "127.0.0.1:9699");
        world.run_for(1s);
        const auto bomb = test::claiming_size(test::jpeg_of(test::gradient(40, 30)), 65'500, 16'000);
        server.answer({});
        server.answer(std::as_bytes(std::span(std::string_view("Hello"))));
        server.answer(base64_jpeg::encode(bomb)->span());
        world.run_for(1s);
        EXPECT_THAT(image_sink::numbers, IsEmpty());
        EXPECT_EQ(metric(viewer.snapshot(), "video", "datagrams_bad"), 3u);
        server.answer(base64_jpeg::encode(test::numbered_image(7).data.span())->span());
        world.run_for(1s);
        EXPECT_THAT(image_sink::numbers, ElementsAre(7));
        viewer.stop_host("test");
    });
}

TEST_F(udp_test, a_client_asks_often_until_pictures_come_and_seldom_while_they_do) {
    host_runtime viewer(viewing().plan(), world.add_host());
    peer server(world, "127.0.0.1:9699");
    viewer.run([&] {
        world.run_for(10s);
        EXPECT_NEAR(static_cast<double>(server.words.size()), 20, 1);
        const auto picture = base64_jpeg::encode(test::numbered_image(1).data.span());
        server.answer(picture->span());
        world.run_for(500ms);
        server.words.clear();
        for (int i = 0; i < 10; ++i) {
            server.answer(picture->span());
            world.run_for(1s);
        }
        EXPECT_NEAR(static_cast<double>(server.words.size()), 5, 1);
        viewer.stop_host("test");
    });
    world.run_for(1ms);
    EXPECT_EQ(server.words.back(), "streamhost-video/1 bye");
}

TEST_F(udp_test, a_third_of_all_datagrams_lost_doubled_and_late_costs_only_those) {
    world.net().datagrams().faults = {.lost = 0.3, .doubled = 0.1, .late = 0.1, .late_by = 150ms};
    with(serving(), [&](host_runtime& server) {
        host_runtime viewer(viewing().plan(), world.add_host());
        viewer.run([&] {
            world.run_for(100s);
            EXPECT_EQ(viewers(server), 1u);
            viewer.stop_host("test");
        });
    });
    EXPECT_GT(image_sink::numbers.size(), 600u);
    EXPECT_LT(image_sink::numbers.size(), 900u);
}

// --- one way: sender and receiver -----------------------------------------------------------------------------------

TEST_F(udp_test, a_sender_is_received) {
    with(receiving(), [&](host_runtime& receiver) {
        world.run_for(1ms);
        EXPECT_THAT(condition(receiver), HasSubstr("no video yet at 127.0.0.1:9696"));
        host_runtime sender(sending().plan(), world.add_host());
        sender.run([&] {
            world.run_for(10s);
            EXPECT_EQ(condition(receiver), "");
            sender.stop_host("test");
        });
        EXPECT_GE(image_sink::numbers.size(), 99u);
        expect_consecutive(image_sink::numbers);
        world.run_for(3s);
        EXPECT_THAT(condition(receiver), HasSubstr("no video from 127.0.0.1:"));
    });
}

TEST_F(udp_test, a_sender_that_nobody_receives_sends_now_and_then_until_somebody_does) {
    host_runtime sender(sending().plan(), world.add_host());
    sender.run([&] {
        world.run_for(10s);
        EXPECT_THAT(condition(sender), HasSubstr("nobody receives at 127.0.0.1:9696"));
        EXPECT_LE(metric(sender.snapshot(), "video", "messages_sent"), 21u);
        host_runtime receiver(receiving().plan(), world.add_host());
        receiver.run([&] {
            world.run_for(10s);
            receiver.stop_host("test");
        });
        EXPECT_EQ(condition(sender), "");
        sender.stop_host("test");
    });
    EXPECT_GE(image_sink::numbers.size(), 94u);
}

TEST_F(udp_test, of_two_senders_the_first_is_received_until_it_is_silent) {
    with(receiving(), [&](host_runtime&) {
        const auto picture = [](std::uint32_t number) {
            return *base64_jpeg::encode(test::numbered_image(number).data.span());
        };
        peer first(world, "127.0.0.1:1001"), second(world, "127.0.0.1:1002");
        for (int i = 0; i < 10; ++i) {
            first.say(picture(1).span(), 9696);
            second.say(picture(2).span(), 9696);
            world.run_for(100ms);
        }
        EXPECT_THAT(image_sink::numbers, ::testing::AllOf(SizeIs(10), ::testing::Each(1u)));
        world.run_for(2s);
        second.say(picture(2).span(), 9696);
        world.run_for(1ms);
        EXPECT_EQ(image_sink::numbers.back(), 2u);
    });
    EXPECT_EQ(metric(after, "video", "datagrams_of_others"), 10u);
}

TEST_F(udp_test, a_receiver_takes_pictures_only_and_of_nobody_that_is_not_allowed) {
    with(receiving(), [&](host_runtime&) {
        peer odd(world, "127.0.0.1:1001"), stranger(world, "10.0.0.5:1001");
        odd.say("Hello", 9696);
        odd.say("", 9696);
        const auto bomb = test::claiming_size(test::jpeg_of(test::gradient(40, 30)), 65'500, 16'000);
        odd.say(base64_jpeg::encode(bomb)->span(), 9696);
        stranger.say(base64_jpeg::encode(test::numbered_image(1).data.span())->span(), 9696);
        world.run_for(1s);
    });
    EXPECT_THAT(image_sink::numbers, IsEmpty());
    EXPECT_EQ(metric(after, "video", "datagrams_bad"), 3u);
    EXPECT_EQ(metric(after, "video", "datagrams_refused"), 1u);
}

}  // namespace
}  // namespace streamhost::video
