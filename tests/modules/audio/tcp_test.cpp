#include "sound_stage.hpp"
#include "tcp_client.hpp"
#include "tcp_server.hpp"
#include "tone.hpp"

#include <streamhost/wire/length_prefix.hpp>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using test::heard_sound;
using test::plan_builder;
using test::sound_notes;
using test::sound_script;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* address = "127.0.0.1:9610";
const sound_format tutorial_format;

/// Sends the same bytes to everybody who connects, and counts them.
class raw_server final : public module {
public:
    static inline std::string bytes;
    static inline int sessions = 0;

    static module_info describe() { return streamhost::describe<raw_server>("test.raw_server", "sends bytes").listens(); }
    explicit raw_server(module_context& host) : host_(host) {}

    awaitable<void> prepare() override { entrance_ = co_await host_.network().listen(address); }

    awaitable<void> run() override {
        for (;;) {
            auto session = co_await entrance_.accept();
            if (!session) break;
            ++sessions;
            const auto sent = co_await session->write(asio::buffer(bytes), 10s);
            if (!sent) continue;
            std::array<std::byte, 16> ignored;
            (void)co_await session->read_some(ignored, 10s);
        }
    }

private:
    module_context& host_;
    listener entrance_;
};

std::string message_of(const pickle::pieces& content) {
    std::string bytes;
    for (const auto& piece : to_pickle_message(content).pieces) bytes += piece.as_text();
    return bytes;
}

std::string pickle_of(const std::string& bytes) { return message_of(pickle::write_bytes(shared_bytes::adopt(bytes))); }

class audio_tcp_test : public ::testing::TestWithParam<const char*> {
protected:
    audio_tcp_test() {
        sound_notes::current = &heard;
        raw_server::bytes.clear();
        raw_server::sessions = 0;
    }

    template <class Source>
    plan_builder serving(boost::json::object source = {}) {
        plan_builder plan("server");
        plan.add<Source>("source", std::move(source));
        plan.add<tcp_server>("server", {{"listen", address}, {"wire", GetParam()}});
        plan.link("source.audio", "server.audio", type_of<audio_block>().defaults.link);
        return plan;
    }

    static plan_builder playing(const char* wire) {
        plan_builder plan("player");
        plan.add<tcp_client>("client", {{"connect", address}, {"wire", wire}});
        plan.add<sound_notes>("notes");
        plan.link("client.audio", "notes.audio", type_of<audio_block>().defaults.link);
        return plan;
    }

    /// Both hosts in one world, until `span` has passed; then the player ends first.
    void run(const plan_builder& server, const plan_builder& player, duration span) {
        host_runtime a(server.plan(), world.add_host());
        auto& other = world.add_host();
        a.run([&] {
            host_runtime b(player.plan(), other);
            b.run([&] {
                world.run_for(span);
                player_before = b.snapshot();
                server_before = a.snapshot();
                b.stop_host("test");
            });
            a.stop_host("test");
        });
    }

    static const instance_snapshot& instance(const host_snapshot& of, std::string_view name) {
        for (const auto& each : of.instances) {
            if (each.name == name) return each;
        }
        throw std::logic_error("no such instance");
    }
    static std::uint64_t metric(const host_snapshot& of, std::string_view name, std::string_view which) {
        for (const auto& one : instance(of, name).metrics) {
            if (one.name == which) return one.value;
        }
        ADD_FAILURE() << "no metric " << which;
        return 0;
    }

    heard_sound heard;
    simulation world{1};
    host_snapshot player_before, server_before;
};

INSTANTIATE_TEST_SUITE_P(wires, audio_tcp_test, ::testing::Values("pickle", "framed"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(audio_tcp_test, sound_arrives_as_it_was_sent_block_by_block) {
    run(serving<tone>(), playing(GetParam()), 10s);
    ASSERT_GT(heard.frames(), 430'000u);
    const auto first = GetParam() == std::string("framed") ? heard.blocks[0].header.sequence - 1 : 0;
    tone_generator expected(tutorial_format, 440, 0.5);
    for (std::uint64_t i = 0; i < first; ++i) expected.next(1024);
    for (const auto& each : heard.blocks) {
        ASSERT_EQ(format_of(each.block), tutorial_format);
        ASSERT_TRUE(std::ranges::equal(each.block.samples.span(), expected.next(1024).samples.span()));
    }
    EXPECT_TRUE(heard.ended);
    EXPECT_EQ(world.net().open_streams(), 0u);
}

TEST_P(audio_tcp_test, a_short_last_block_is_sent_as_it_is_and_the_end_is_said_once) {
    run(serving<tone>({{"length", 1000}}), playing(GetParam()), 5s);
    EXPECT_EQ(heard.frames(), 44'100u);
    EXPECT_EQ(heard.blocks.back().block.frames(), 44'100u % 1024);
    EXPECT_EQ(instance(server_before, "server").state, "ended");
}

TEST_P(audio_tcp_test, the_player_comes_back_to_a_server_that_was_away) {
    auto& player_world = world.add_host();
    host_runtime player(playing(GetParam()).plan(), player_world);
    player.run([&] {
        world.run_for(5s);
        EXPECT_THAT(player.snapshot().instances[0].condition, HasSubstr("no sound from 127.0.0.1:9610"));
        for (int i = 0; i < 2; ++i) {
            const auto before = heard.blocks.size();
            host_runtime server(serving<tone>().plan(), world.add_host());
            server.run([&] {
                world.run_for(30s);
                server.stop_host("test");
            });
            EXPECT_GT(heard.blocks.size(), before + 500);
            world.run_for(1s);
        }
        player.stop_host("test");
    });
}

TEST_F(audio_tcp_test, framed_carries_any_format_and_its_changes) {
    sound_script::current = [](int number) -> std::optional<sound_script::step> {
        const sound_format format{number % 2 == 0 ? 48000 : 8000, 1 + number % 3, number % 2 == 0 ? sample_format::f32 : sample_format::s16};
        return sound_script::step{100ms, tone_generator(format, 100, 1).next(100)};
    };
    plan_builder server("server");
    server.add<sound_script>("source");
    server.add<tcp_server>("server", {{"listen", address}});
    server.link("source.audio", "server.audio");
    run(server, playing("framed"), 2s);
    ASSERT_GT(heard.blocks.size(), 10u);
    for (const auto& each : heard.blocks) {
        const auto number = static_cast<int>(each.header.sequence) - 1;
        EXPECT_EQ(each.block.rate, number % 2 == 0 ? 48000 : 8000);
        EXPECT_EQ(each.block.channels, 1 + number % 3);
        EXPECT_EQ(each.block.frames(), 100u);
    }
}

TEST_F(audio_tcp_test, on_pickle_another_format_than_the_stated_one_is_not_sent_and_the_way_out_is_named) {
    plan_builder server("server");
    server.add<tone>("source", {{"rate", 48000}});
    server.add<tcp_server>("server", {{"listen", address}, {"wire", "pickle"}});
    server.link("source.audio", "server.audio");
    run(server, playing("pickle"), 2s);
    EXPECT_THAT(heard.blocks, IsEmpty());
    EXPECT_THAT(instance(server_before, "server").condition,
                ::testing::AllOf(HasSubstr("expect 44100 Hz, 2 channels, s16, but 48000 Hz, 2 channels, s16 comes"), HasSubstr("audio.convert")));
    EXPECT_GT(metric(server_before, "server", "blocks_refused"), 80u);
}

TEST_F(audio_tcp_test, the_tutorials_empty_bytes_are_the_end_and_not_a_flood) {
    raw_server::bytes = pickle_of(std::string(4096, 'a')) + pickle_of(std::string(2720, 'b'));
    for (int i = 0; i < 10'000; ++i) raw_server::bytes += pickle_of({});
    plan_builder server("server");
    server.add<raw_server>("server");
    run(server, playing("pickle"), 1s);
    ASSERT_GE(heard.blocks.size(), 2u);
    EXPECT_EQ(heard.blocks[0].block.samples.as_text(), std::string(4096, 'a'));
    EXPECT_EQ(heard.blocks[1].block.samples.as_text(), std::string(2720, 'b'));
    EXPECT_THAT(instance(player_before, "client").condition, HasSubstr("the stream has ended"));
    EXPECT_EQ(metric(player_before, "client", "messages_received"), heard.blocks.size()) << "the empty ones are none";
}

TEST_F(audio_tcp_test, bytes_that_end_inside_a_frame_are_cut_to_whole_frames) {
    raw_server::bytes = pickle_of(std::string(4095, 'a')) + pickle_of("xyz") + pickle_of(std::string(8, 'b'));
    plan_builder server("server");
    server.add<raw_server>("server");
    run(server, playing("pickle"), 100ms);
    ASSERT_EQ(heard.blocks.size(), 2u);
    EXPECT_EQ(heard.blocks[0].block.samples.size(), 4092u);
    EXPECT_EQ(heard.blocks[1].block.samples.size(), 8u);
    EXPECT_EQ(metric(player_before, "client", "frames_cut"), 2u);
}

TEST_F(audio_tcp_test, what_is_no_sound_ends_the_session_and_is_named) {
    const std::pair<std::string, std::string> cases[] = {
        {message_of(pickle::write_str("hello")), "something else than sound"},
        {message_of(pickle::write_none()), "something else than sound"},
        {std::string("\x04\0\0\0\0\0\0\0\x80\x04].", 12), "refused its pickle"},
        {std::string(8, '\xFF'), ""},
    };
    for (const auto& [bytes, said] : cases) {
        raw_server::bytes = bytes;
        plan_builder server("server");
        server.add<raw_server>("server");
        run(server, playing("pickle"), 20s);
        EXPECT_THAT(heard.blocks, IsEmpty());
        EXPECT_THAT(instance(player_before, "client").condition, HasSubstr("no sound from 127.0.0.1:9610: "));
        EXPECT_THAT(instance(player_before, "client").condition, HasSubstr(said));
    }
    EXPECT_LT(raw_server::sessions, 100) << "a server that is useless is not asked all the time";
}

}  // namespace
}  // namespace streamhost::audio
