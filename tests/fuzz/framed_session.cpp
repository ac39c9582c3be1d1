// Any bytes from the peer of a `framed` session of many streams: the host that listens, or dials, stays, gives the session
// up where it is wrong, and leaves nothing open. The first byte chooses the side: 0 the peer of a server, 1 of a client.
#include "../../modules/stream/client.hpp"  // the chat family has headers of these names, too
#include "modules/stream/scan.hpp"
#include "../../modules/stream/server.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/log.hpp>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

constexpr const char* address = "127.0.0.1:9620";

/// What the peer says; of the run of the moment.
std::string_view said;

/// Takes whatever arrives.
template <class T>
class taker final : public sh::module {
public:
    static sh::module_info describe() { return sh::describe<taker>("fuzz.taker", "takes").template input<T>("in", "it"); }
    explicit taker(sh::module_context& host) : in_(host.input<T>("in")) {}
    sh::awaitable<void> run() override {
        for (;;) {
            const auto content = co_await in_.next();
            if (!content) break;
        }
    }

private:
    sh::input<T> in_;
};

/// Says one word, so that the other side has something to send.
class talker final : public sh::module {
public:
    static sh::module_info describe() { return sh::describe<talker>("fuzz.talker", "talks").output<sh::text>("out", "a word"); }
    explicit talker(sh::module_context& host) : out_(host.output<sh::text>("out")) {}
    sh::awaitable<void> run() override {
        sh::text word{"word"};
        co_await out_.send(std::move(word));
    }

private:
    sh::output<sh::text> out_;
};

/// The peer: says its bytes and reads until the other side closes, or for a while.
class peer final : public sh::module {
public:
    static sh::module_info describe() { return sh::describe<peer>("fuzz.peer", "speaks").listens().dials(); }
    explicit peer(sh::module_context& host) : host_(host) {}

    sh::awaitable<void> prepare() override {
        if (listens) entrance_ = co_await host_.network().listen(address);
    }
    sh::awaitable<void> run() override {
        sh::stream session;
        if (listens) {
            auto accepted = co_await entrance_.accept();
            if (accepted) session = std::move(*accepted);
        } else {
            auto dialled = co_await host_.network().dial(address);
            if (dialled) session = std::move(*dialled);
        }
        if (!session) co_return;
        (void)co_await session.write(sh::asio::buffer(said), 100ms);
        session.finish();
        std::array<std::byte, 4096> ignored;
        for (;;) {
            const auto count = co_await session.read_some(ignored, 100ms);
            if (!count) break;
        }
    }
    static inline bool listens = false;

private:
    sh::module_context& host_;
    sh::listener entrance_;
};

sh::test::plan_builder attacked(bool server) {
    sh::test::plan_builder plan("attacked");
    const boost::json::object send{{"words", "text"}};
    const boost::json::object receive{{"readings", "record"}, {"scan", "acme.scan"}};
    if (server) {
        plan.add<sh::stream_family::server>("it", {{"listen", address}, {"send", send}, {"receive", receive}});
    } else {
        plan.add<sh::stream_family::client>("it", {{"connect", address}, {"send", send}, {"receive", receive}});
    }
    plan.add<talker>("talker");
    plan.add<taker<sh::record>>("readings");
    plan.add<taker<sh::test::scan>>("scan");
    plan.link("talker.out", "it.words");
    plan.link("it.readings", "readings.in");
    plan.link("it.scan", "scan.in");
    return plan;
}

sh::test::plan_builder attacker() {
    sh::test::plan_builder plan("attacker");
    plan.add<peer>("peer");
    return plan;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    [[maybe_unused]] static const bool quiet = (sh::configure_log("off"), true);
    static const sh::test::plan_builder plans[] = {attacked(true), attacked(false)};
    static const sh::test::plan_builder other = attacker();
    const bool server = data[0] % 2 == 0;
    said = {reinterpret_cast<const char*>(data) + 1, size - 1};
    peer::listens = !server;
    sh::simulation world(1);
    auto& first_world = world.add_host();
    auto& second_world = world.add_host();
    const auto& first = server ? plans[0] : other;  // who listens
    const auto& second = server ? other : plans[1];
    sh::host_runtime listening(first.plan(), first_world);
    const int status = listening.run([&] {
        sh::host_runtime dialling(second.plan(), second_world);
        const int inner = dialling.run([&] {
            world.run_for(300ms);
            dialling.stop_host("the end");
        });
        STREAMHOST_ASSERT(inner == 0);
        listening.stop_host("the end");
    });
    STREAMHOST_ASSERT(status == 0);
    STREAMHOST_ASSERT(world.net().open_streams() == 0);
    return 0;
}
