#include "jpeg_decoder.hpp"
#include "picture_ends.hpp"
#include "rtp/rtp_pictures.hpp"
#include "rtp/receiver.hpp"
#include "rtp/subscription.hpp"
#include "temporary_folder.hpp"
#include "udp_client.hpp"
#include "udp_ends.hpp"
#include "udp_receiver.hpp"
#include "udp_sender.hpp"
#include "udp_server.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>

/// The UDP modules on the wire `rtp`.
namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using ::streamhost::test::plan_builder;
using test::chat_source;
using test::image_sink;
using test::image_source;
using test::metric;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Ten pictures of 400x300, which is no multiple of 16, again and again, of 30 packets or so.
const std::vector<encoded_image>& pictures() {
    static const auto made = [] {
        std::vector<encoded_image> all;
        for (std::uint32_t i = 0; i < 10; ++i) {
            auto jpeg = test::jpeg_of(test::noise(400, 300, i), 30);
            all.push_back({400, 300, image_codec::jpeg, shared_bytes::adopt(std::move(jpeg))});
        }
        return all;
    }();
    return made;
}
const encoded_image& picture_of(std::uint64_t sequence) { return pictures()[sequence % pictures().size()]; }

std::span<const std::byte> scan_of(const encoded_image& image) {
    const auto carried = rtp::carry(image.data.span());
    return std::get<rtp::carried_picture>(carried).scan;
}

/// Somebody at the other end of RTP, without a clock and a module.
class peer final : public test::datagram_peer {
public:
    peer(simulation& in, const std::string& address) : datagram_peer(in, address), time_(in.time()) {}

    std::vector<std::uint64_t> numbers;     ///< of whole pictures
    std::vector<rtp::note> notes;
    std::vector<steady_time> times;         ///< of each packet
    rtp::receiver receiver;

    void view(const rtp::cookie& cookie = {}) { say(rtp::write_note({rtp::word::view, cookie})); }
    void bye(const rtp::cookie& cookie) { say(rtp::write_note({rtp::word::bye, cookie})); }

private:
    void hear(std::span<const std::byte> datagram) override {
        if (const auto note = rtp::read_note(datagram)) {
            notes.push_back(*note);
            return;
        }
        times.push_back(time_.now());
        const auto outcome = receiver.take(datagram);
        if (outcome.whole) numbers.push_back(outcome.whole->header.value().sequence);
    }

    const clock& time_;
};

class udp_rtp_test : public ::testing::Test {
protected:
    udp_rtp_test() {
        image_source::make = [](std::uint32_t number) { return picture_of(number); };
        image_sink::numbers.clear();
        image_sink::images.clear();
        image_sink::times.clear();
    }

    static boost::json::object with_rtp(boost::json::object settings) {
        settings["wire"] = "rtp";
        return settings;
    }
    static plan_builder serving(boost::json::object settings = {}, boost::json::object source = {}) {
        plan_builder plan("server");
        plan.add<image_source>("source", std::move(source));
        plan.add<udp_server>("video", with_rtp(std::move(settings)));
        plan.link("source.images", "video.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder serving_chat() {
        auto plan = serving();
        plan.add<chat_source>("chat");
        plan.link("chat.peers", "video.peers");
        return plan;
    }
    static plan_builder viewing() {
        plan_builder plan("viewer");
        plan.add<udp_client>("video", with_rtp({}));
        plan.add<image_sink>("sink");
        plan.link("video.images", "sink.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder receiving() {
        plan_builder plan("receiver");
        plan.add<udp_receiver>("video", with_rtp({}));
        plan.add<image_sink>("sink");
        plan.link("video.images", "sink.images", usual_queue(queue_policy::latest));
        return plan;
    }
    static plan_builder sending(boost::json::object settings = {}, boost::json::object source = {}) {
        plan_builder plan("sender");
        plan.add<image_source>("source", std::move(source));
        plan.add<udp_sender>("video", with_rtp(std::move(settings)));
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
    static std::uint64_t of_video(const host_runtime& host, std::string_view name) {
        return metric(host.snapshot(), "video", name);
    }
    std::uint64_t afterwards(std::string_view name) const { return metric(after, "video", name); }
    static std::string condition(const host_runtime& host) {
        for (const auto& each : host.snapshot().instances) {
            if (each.name == "video") return each.condition;
        }
        return "there is no `video`";
    }

    /// What the sink got is what the source has sent under that number, to the last byte of the data.
    static void expect_whole() {
        for (const auto& each : image_sink::images) {
            EXPECT_EQ(each->width, 400);
            EXPECT_EQ(each->height, 300);
            const auto& sent = picture_of(each.header().sequence);
            ASSERT_TRUE(std::ranges::equal(scan_of(*each), scan_of(sent))) << each.header().sequence;
        }
    }

    simulation world{1};
    host_snapshot after;
};

// --- server and client ------------------------------------------------------------------------------------------------

TEST_F(udp_rtp_test, a_client_gets_every_picture_with_its_true_size_and_its_stamps) {
    with(serving(), [&](host_runtime& server) {
        host_runtime viewer(viewing().plan(), world.add_host());
        viewer.run([&] {
            world.run_for(60s);
            EXPECT_EQ(of_video(server, "viewers"), 1u);
            EXPECT_EQ(condition(viewer), "");
            viewer.stop_host("test");
        });
        EXPECT_EQ(metric(viewer.snapshot(), "video", "packets_lost"), 0u);
        world.run_for(1ms);
        EXPECT_EQ(of_video(server, "viewers"), 0u) << "it said bye";
    });
    ASSERT_GE(image_sink::images.size(), 598u) << "the handshake takes no time worth mentioning";
    expect_whole();
    for (std::size_t i = 0; i < image_sink::images.size(); ++i) {
        const auto& header = image_sink::images[i].header();
        EXPECT_EQ(header.sequence, image_sink::images[0].header().sequence + i);
        EXPECT_EQ(header.hops, 1);
        EXPECT_NE(header.origin.instance, 0u);
        const auto taken = image_sink::times[i].time_since_epoch().count() - header.steady_ns;
        EXPECT_LE(taken, 10'000'000) << "a quarter of the time between two pictures at most";
    }
}

TEST_F(udp_rtp_test, a_newcomer_gets_the_last_picture_at_once) {
    with(serving({{"spread", 0}}, {{"period", 60'000}}), [&](host_runtime&) {
        world.run_for(61s);
        peer late(world, "127.0.0.1:1001");
        late.view();
        world.run_for(0s);
        ASSERT_THAT(late.notes, SizeIs(1));
        EXPECT_THAT(late.numbers, IsEmpty());
        late.view(late.notes[0].cookie);
        world.run_for(1ms);
        EXPECT_THAT(late.numbers, SizeIs(1));
    });
}

TEST_F(udp_rtp_test, who_shows_no_cookie_gets_one_and_nothing_else) {
    with(serving(), [&](host_runtime& server) {
        peer forged(world, "127.0.0.1:1001");
        for (int i = 0; i < 50; ++i) {
            forged.view();
            world.run_for(100ms);
        }
        EXPECT_EQ(forged.heard, forged.said) << "no byte more than what was said in its name";
        EXPECT_THAT(forged.numbers, IsEmpty());
        EXPECT_EQ(of_video(server, "viewers"), 0u);
        peer other(world, "127.0.0.1:1002");
        other.view(forged.notes.back().cookie);
        world.run_for(1s);
        EXPECT_EQ(of_video(server, "viewers"), 0u) << "another's cookie";
    });
}

TEST_F(udp_rtp_test, a_cookie_is_renewed_before_it_ends_and_is_of_no_use_for_long) {
    with(serving(), [&](host_runtime& server) {
        peer ours(world, "127.0.0.1:1001");
        ours.view();
        world.run_for(1ms);
        const auto first = ours.notes.back().cookie;
        for (int i = 0; i < 120; ++i) {
            ours.view(ours.notes.back().cookie);
            world.run_for(1s);
            ASSERT_EQ(of_video(server, "viewers"), 1u) << i;
        }
        EXPECT_THAT(ours.notes, SizeIs(::testing::AllOf(Ge(4u), ::testing::Le(6u)))) << "one in 30 seconds";
        world.run_for(20s);
        EXPECT_EQ(of_video(server, "viewers"), 0u) << "silence";
        ours.view(first);
        world.run_for(1s);
        EXPECT_EQ(of_video(server, "viewers"), 0u);
    });
}

TEST_F(udp_rtp_test, only_the_viewer_itself_can_say_bye) {
    with(serving(), [&](host_runtime& server) {
        peer ours(world, "127.0.0.1:1001");
        ours.view();
        world.run_for(1ms);
        ours.view(ours.notes.back().cookie);
        world.run_for(1s);
        ours.bye({});
        world.run_for(1ms);
        EXPECT_EQ(of_video(server, "viewers"), 1u);
        ours.bye(ours.notes.back().cookie);
        world.run_for(1ms);
        EXPECT_EQ(of_video(server, "viewers"), 0u);
    });
}

TEST_F(udp_rtp_test, a_host_that_is_not_in_the_chat_is_refused_until_it_is) {
    with(serving_chat(), [&](host_runtime& server) {
        peer viewer(world, "10.0.0.5:1001");
        viewer.view();
        world.run_for(1ms);
        ASSERT_THAT(viewer.notes, SizeIs(1));
        viewer.view(viewer.notes[0].cookie);
        world.run_for(1s);
        ASSERT_THAT(viewer.notes, SizeIs(2));
        EXPECT_EQ(viewer.notes[1].says, rtp::word::refused);
        EXPECT_LE(viewer.heard, viewer.said);
        EXPECT_EQ(of_video(server, "requests_unproven"), 1u);
        chat_source::one->say("10.0.0.5:7000", true);
        world.run_for(1s);
        EXPECT_THAT(viewer.numbers, SizeIs(Ge(9u))) << "its address was proven before";
    });
}

TEST_F(udp_rtp_test, requests_of_another_wire_are_none) {
    with(serving(), [&](host_runtime& server) {
        peer odd(world, "127.0.0.1:1001");
        odd.say("Hello");
        odd.say("streamhost-video/1 view");
        odd.say(rtp::write_note({rtp::word::cookie}));
        odd.say(rtp::write_note({rtp::word::refused}));
        world.run_for(1s);
        EXPECT_EQ(of_video(server, "viewers"), 0u);
        EXPECT_EQ(odd.heard, 0u);
    });
}

TEST_F(udp_rtp_test, a_picture_leaves_in_bursts_over_a_part_of_the_time_between_two) {
    with(serving({{"spread", 50}}, {{"period", 40}}), [&](host_runtime&) {
        peer one(world, "127.0.0.1:1001"), two(world, "127.0.0.1:1002");
        for (auto* each : {&one, &two}) each->view();
        world.run_for(1ms);
        for (auto* each : {&one, &two}) each->view(each->notes.back().cookie);
        world.run_for(1029ms);
        for (auto* each : {&one, &two}) {
            each->times.clear();
            each->numbers.clear();
        }
        world.run_for(40ms);
        const auto bytes = picture_of(one.numbers.at(0)).data.size();
        const auto bursts = (bytes / 1180 + 1 + 15) / 16;
        ASSERT_GE(bursts, 2u);
        std::map<steady_time, std::size_t> packets;
        for (const auto& each : one.times) ++packets[each];
        EXPECT_EQ(packets.size(), bursts);
        for (const auto& [when, count] : packets) EXPECT_LE(count, 16u);
        const auto span = packets.rbegin()->first - packets.begin()->first;
        EXPECT_GE(span, 5ms);
        EXPECT_LT(span, 20ms) << "half of the time between two pictures";
        EXPECT_EQ(one.times, two.times) << "each round is for all";
    });
}

TEST_F(udp_rtp_test, viewers_that_come_all_the_time_hold_nobody_back) {
    with(serving({{"spread", 50}, {"max", 500}}, {{"period", 40}}), [&](host_runtime&) {
        peer first(world, "127.0.0.1:1001");
        first.view();
        world.run_for(1ms);
        first.view(first.notes.back().cookie);
        world.run_for(1s);
        const auto before = first.numbers.size();
        std::vector<std::unique_ptr<peer>> all;
        for (int i = 0; i < 400; ++i) {
            all.push_back(std::make_unique<peer>(world, "127.0.0.1:" + std::to_string(2000 + i)));
            all.back()->view();
            world.run_for(1ms);
            all.back()->view(all.back()->notes.back().cookie);
            world.run_for(4ms);
        }
        EXPECT_GE(first.numbers.size(), before + 49) << "25 a second for 2 seconds";
        EXPECT_EQ(first.receiver.seen().incomplete, 0u);
        world.run_for(100ms);
        for (const auto& each : all) {
            EXPECT_GE(each->numbers.size(), 2u);
            EXPECT_EQ(each->receiver.seen().incomplete, 0u);
            EXPECT_EQ(each->receiver.seen().bad, 0u);
        }
    });
}

TEST_F(udp_rtp_test, a_full_buffer_costs_pictures_and_shows_no_loss) {
    with(serving(), [&](host_runtime& server) {
        host_runtime viewer(viewing().plan(), world.add_host());
        viewer.run([&] {
            world.run_for(1050ms);
            const auto before = image_sink::images.size();
            world.net().datagrams().faults.full = true;
            world.run_for(1s);
            world.net().datagrams().faults.full = false;
            EXPECT_EQ(image_sink::images.size(), before);
            world.run_for(1s);
            EXPECT_GE(image_sink::images.size(), before + 9);
            EXPECT_NEAR(static_cast<double>(of_video(server, "viewer_messages_dropped")), 10, 1);
            EXPECT_EQ(of_video(viewer, "packets_lost"), 0u) << "what was not sent was not lost";
            for (const auto& each : server.snapshot().instances) {
                if (each.name != "video") continue;
                ASSERT_THAT(each.viewers, SizeIs(1));
                EXPECT_EQ(each.viewers[0].delivered, of_video(server, "viewer_messages_sent"));
                EXPECT_GT(each.viewers[0].delivered, 15u);
                EXPECT_EQ(each.viewers[0].dropped.back().first, "unsent");
                EXPECT_EQ(each.viewers[0].dropped.back().second, of_video(server, "viewer_messages_dropped"));
            }
            EXPECT_EQ(of_video(viewer, "pictures_incomplete"), 0u);
            viewer.stop_host("test");
        });
    });
    expect_whole();
}

TEST_F(udp_rtp_test, a_client_comes_back_to_a_server_that_began_anew) {
    host_runtime viewer(viewing().plan(), world.add_host());
    auto& first = world.add_host();
    auto& second = world.add_host();
    viewer.run([&] {
        for (auto* face : {&first, &second}) {
            const auto before = image_sink::images.size();
            host_runtime server(serving().plan(), *face);
            server.run([&] {
                world.run_for(10s);
                EXPECT_EQ(condition(viewer), "");
                server.stop_host("test");
            });
            EXPECT_GE(image_sink::images.size(), before + 90) << "back within a second";
            world.run_for(5s);
            EXPECT_THAT(condition(viewer), HasSubstr("no video"));
        }
        viewer.stop_host("test");
    });
    expect_whole();
}

TEST_F(udp_rtp_test, the_end_of_the_stream_is_the_end_of_the_server_and_the_last_picture_is_whole) {
    const auto plan = serving({}, {{"count", 3}});
    host_runtime host(plan.plan(), world.add_host());
    std::optional<peer> viewer;
    EXPECT_EQ(host.run([&] {
        viewer.emplace(world, "127.0.0.1:1001");
        viewer->view();
        world.run_for(1ms);
        viewer->view(viewer->notes.back().cookie);
    }), 0) << "nobody had to stop it";
    world.run_for(0s);
    EXPECT_THAT(viewer->numbers, SizeIs(3));
}

// --- what cannot be carried -------------------------------------------------------------------------------------------

TEST_F(udp_rtp_test, pictures_that_rtp_cannot_carry_arrive_all_the_same) {
    static const auto gradient = test::gradient(320, 240);
    static const std::vector<std::pair<video_frame, test::byte_vector>> odd{
        {gradient, test::jpeg_of(gradient, 90, test::jpeg_kind::progressive)},
        {gradient, test::jpeg_of(test::gradient(320, 240, pixel_format::gray8), 90)},
        {gradient, test::jpeg_in_style(gradient, test::jpeg_style::yuv444, 90)},
        {gradient, test::jpeg_in_style(gradient, test::jpeg_style::optimised, 90)},
        {gradient, test::jpeg_of(test::gradient(2048, 1024), 90)},
    };
    image_source::make = [](std::uint32_t number) {
        const auto& jpeg = odd[(number - 1) % odd.size()].second;
        return encoded_image{0, 0, image_codec::jpeg, shared_bytes::adopt(jpeg)};
    };
    with(sending({}, {{"count", 10}}), [&](host_runtime& sender) {
        host_runtime receiver(receiving().plan(), world.add_host());
        receiver.run([&] {
            world.run_for(5s);
            receiver.stop_host("test");
        });
        EXPECT_EQ(of_video(sender, "pictures_encoded_again"), 10u);
    });
    ASSERT_THAT(image_sink::images, SizeIs(10));
    jpeg_decoder decoder;
    for (const auto& each : image_sink::images) {
        const bool large = each.header().sequence % 5 == image_sink::images[4].header().sequence % 5;
        EXPECT_EQ(std::pair(each->width, each->height), large ? std::pair(1792, 896) : std::pair(320, 240));
        EXPECT_TRUE(decoder.decode(each->data.span()));
    }
}

TEST_F(udp_rtp_test, a_damaged_picture_is_counted_and_the_next_one_comes) {
    image_source::make = [](std::uint32_t number) {
        if (number % 2 == 0) return picture_of(number);
        const auto part = picture_of(number).data.slice(0, 5000);
        return encoded_image{400, 300, image_codec::jpeg, part};
    };
    with(sending({}, {{"count", 10}}), [&](host_runtime& sender) {
        host_runtime receiver(receiving().plan(), world.add_host());
        receiver.run([&] {
            world.run_for(5s);
            receiver.stop_host("test");
        });
        EXPECT_EQ(of_video(sender, "pictures_failed"), 5u);
    });
    EXPECT_THAT(image_sink::images, SizeIs(5));
}

// --- one way, and the network between -----------------------------------------------------------------------------------

TEST_F(udp_rtp_test, of_a_network_that_loses_a_twentieth_whole_pictures_arrive_and_the_loss_that_is_shown_is_right) {
    std::uint64_t sent = 0;
    with(receiving(), [&](host_runtime& receiver) {
        host_runtime sender(sending().plan(), world.add_host());
        sender.run([&] {
            world.run_for(1050ms);
            world.net().datagrams().faults.lost = 0.05;
            world.run_for(60s);
            world.net().datagrams().faults.lost = 0;
            world.run_for(3s);  // what is missing is behind by more than the window
            sent = of_video(sender, "messages_sent");
            EXPECT_EQ(of_video(receiver, "packets_lost"), world.net().datagrams().lost);
            EXPECT_EQ(of_video(receiver, "packets_received") + world.net().datagrams().lost,
                      of_video(sender, "datagrams_sent"));
            EXPECT_EQ(of_video(receiver, "messages_received") + of_video(receiver, "pictures_incomplete"), sent);
            sender.stop_host("test");
        });
    });
    EXPECT_GT(world.net().datagrams().lost, 500u);
    EXPECT_GT(image_sink::images.size(), 100u);
    EXPECT_LT(image_sink::images.size(), sent);
    expect_whole();
}

TEST_F(udp_rtp_test, packets_that_are_late_and_doubled_cost_only_what_is_too_late) {
    world.net().datagrams().faults = {.doubled = 0.1, .late = 0.1, .late_by = 2ms};
    with(receiving(), [&](host_runtime& receiver) {
        host_runtime sender(sending().plan(), world.add_host());
        sender.run([&] {
            world.run_for(30s);
            EXPECT_EQ(of_video(receiver, "packets_lost"), 0u);
            EXPECT_GT(of_video(receiver, "packets_late"), 0u);
            EXPECT_GT(of_video(receiver, "packets_repeated"), 0u);
            EXPECT_EQ(of_video(receiver, "pictures_incomplete"), 0u);
            sender.stop_host("test");
        });
    });
    EXPECT_GE(image_sink::images.size(), 299u);
    expect_whole();
}

TEST_F(udp_rtp_test, of_two_senders_the_first_is_received_until_it_is_silent) {
    const auto packets = [](std::uint32_t i, std::uint32_t ssrc) {
        const auto& data = picture_of(0).data;
        return test::packets_of({data.span().begin(), data.span().end()}, static_cast<std::uint16_t>(i * 100), i * 9000,
                                {.sequence = ssrc}, ssrc);
    };
    with(receiving(), [&](host_runtime&) {
        peer first(world, "127.0.0.1:1001"), second(world, "127.0.0.1:1002");
        for (std::uint32_t i = 0; i < 10; ++i) {
            for (const auto& each : packets(i, 1)) first.say(each, 9696);
            for (const auto& each : packets(i, 2)) second.say(each, 9696);
            world.run_for(100ms);
        }
        world.run_for(2s);
        for (const auto& each : packets(10, 2)) second.say(each, 9696);
        world.run_for(1ms);
    });
    ASSERT_THAT(image_sink::images, SizeIs(11));
    for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(image_sink::images[i].header().sequence, i < 10 ? 1u : 2u);
    EXPECT_GE(afterwards("datagrams_of_others"), 10u);
}

TEST_F(udp_rtp_test, pictures_whose_size_is_not_in_their_packets_are_refused_and_locked_to_nobody) {
    with(receiving(), [&](host_runtime& receiver) {
        peer large(world, "127.0.0.1:1001"), good(world, "127.0.0.1:1002");
        const auto& data = picture_of(0).data;
        const test::byte_vector jpeg(data.span().begin(), data.span().end());
        auto sizeless = test::packets_of(jpeg, 0, 0);
        sizeless[0][rtp::packet_header_bytes + rtp::stamps_bytes + 6] = std::byte{0};
        large.say(sizeless[0], 9696);
        world.run_for(1ms);
        EXPECT_THAT(condition(receiver), HasSubstr("no video yet"));
        for (const auto& each : test::packets_of(jpeg, 0, 0)) good.say(each, 9696);
        world.run_for(1ms);
        EXPECT_EQ(condition(receiver), "");
    });
    EXPECT_THAT(image_sink::images, SizeIs(1));
    EXPECT_EQ(afterwards("datagrams_bad"), 1u);
}

TEST_F(udp_rtp_test, a_picture_that_has_gone_round_ends) {
    with(receiving(), [&](host_runtime&) {
        peer sender(world, "127.0.0.1:1001");
        const auto& data = picture_of(0).data;
        const test::byte_vector jpeg(data.span().begin(), data.span().end());
        std::uint16_t number = 0;
        for (const int hops : {4, 5, 255}) {
            for (const auto& each : test::packets_of(jpeg, number, number * 100u, {.hops = hops})) {
                sender.say(each, 9696);
                ++number;
            }
        }
        world.run_for(1ms);
    });
    ASSERT_THAT(image_sink::images, SizeIs(1));
    EXPECT_EQ(image_sink::images[0].header().hops, 5);
}

TEST_F(udp_rtp_test, a_sender_says_in_a_file_how_to_receive_it) {
    const test::temporary_folder folder;
    const auto file = folder / "video.sdp";
    with(sending({{"sdp", file}, {"connect", "192.0.2.7:5004"}}), [&](host_runtime&) {
        world.run_for(1ms);
        std::ifstream in(file);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        EXPECT_THAT(text, HasSubstr("c=IN IP4 192.0.2.7"));
        EXPECT_THAT(text, HasSubstr("m=video 5004 RTP/AVP 26"));
        EXPECT_THAT(text, HasSubstr("s=video"));
    });
    EXPECT_THROW(udp_sender::check({.wire = udp_wire::base64_jpeg, .sdp = file}), configuration_error);
    EXPECT_NO_THROW(udp_sender::check({.wire = udp_wire::rtp, .sdp = file}));
}

}  // namespace
}  // namespace streamhost::video
