// Any bytes as what a relay gets from upstream, on either wire, in a whole simulated host: its viewers get the messages that
// are right, up to the first that is not, byte for byte, and nothing else. The first byte chooses the wire.
#include "stream_relay.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

/// What one input is about: the instances of a host know nothing but their host.
struct scene {
    sh::tcp_wire wire;
    std::string_view words;  ///< of the server
    std::string seen;        ///< by the viewer, without what the session says for itself
    bool ended = false;      ///< the viewer's session, by the relay's doing
};
scene* current = nullptr;

constexpr const char* upstream_address = "127.0.0.1:9999";
constexpr const char* relay_address = "127.0.0.1:9998";
constexpr std::uint64_t largest_message = 64 * 1024;

std::string to_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Says its words to the first caller, a moment after the viewer has come, and closes.
class server final : public sh::module {
public:
    static sh::module_info describe() { return sh::describe<server>("fuzz.server", "says bytes").listens(); }
    explicit server(sh::module_context& host) : host_(host) {}

    sh::awaitable<void> run() override {
        auto entrance = co_await host_.network().listen(upstream_address);
        auto session = co_await entrance.accept();
        if (!session) co_return;
        if (current->wire == sh::tcp_wire::framed) {
            (void)co_await sh::take_hello(*session, 1s);
            sh::framed::answer answer;
            answer.accepted = true;
            (void)co_await sh::answer_framed(*session, std::move(answer), 1s);
        }
        co_await host_.sleep_for(100ms);
        (void)co_await session->write(sh::asio::buffer(current->words), 1s);
        session->finish();
        std::array<std::byte, 64> ignored;
        for (bool alive = true; alive;) {
            const auto got = co_await session->read_some(ignored, 1s);
            alive = got.has_value();
        }
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    sh::module_context& host_;
};

class watcher final : public sh::module {
public:
    static sh::module_info describe() { return sh::describe<watcher>("fuzz.viewer", "keeps bytes").dials(); }
    explicit watcher(sh::module_context& host) : host_(host) {}

    sh::awaitable<void> run() override {
        co_await host_.sleep_for(10ms);
        auto session = co_await host_.network().dial(relay_address);
        STREAMHOST_ASSERT(session.has_value());
        const bool framed = current->wire == sh::tcp_wire::framed;
        if (framed) {
            std::string refusal;
            sh::framed::hello hello;
            (void)co_await sh::open_framed(*session, std::move(hello), refusal, 1s);
        }
        const sh::drain_state::watch on_drain(host_.drain(), [&] { session->close(); });
        const sh::receive_limits limits{.message_bytes = 2 * largest_message};
        for (;;) {
            const auto body = co_await sh::read_prefixed(*session, limits);
            if (!body) break;
            if (framed) {
                const auto message = sh::framed::decode(*body);
                STREAMHOST_ASSERT(message.has_value());
                if (!sh::framed::is_content(message->head.type)) continue;
            }
            const auto prefix = sh::length_prefix::encode(body->size());
            current->seen += to_text(prefix) + to_text(body->span());
        }
        current->ended = !host_.draining();
    }

private:
    sh::module_context& host_;
};

bool is_end(const sh::framed::message& message) {
    const auto type = message.head.type;
    if (sh::framed::is_content(type)) return message.head.hops >= sh::framed::max_hops;
    const bool known = type >= sh::framed::message_type::ping && type <= sh::framed::message_type::failure;
    return known && (type > sh::framed::message_type::pong || !sh::framed::decode_payload(message));
}

/// What a viewer has to see of the words.
std::string expected(sh::tcp_wire wire, std::string_view words) {
    std::string all;
    while (words.size() >= sh::length_prefix::size) {
        const auto bytes = std::as_bytes(std::span(words));
        const auto size = sh::length_prefix::decode(bytes.first<sh::length_prefix::size>(), largest_message);
        if (!size || words.size() < sh::length_prefix::size + *size) break;
        const auto body = sh::shared_bytes::adopt(std::string(words.substr(sh::length_prefix::size, *size)));
        if (wire == sh::tcp_wire::pickle) {
            const auto value = sh::pickle::parse(body);
            if (!value) break;
            const auto* const content = std::get_if<sh::shared_bytes>(&*value);
            if (content != nullptr && content->empty()) break;
            if (!std::holds_alternative<sh::pickle::none>(*value)) {
                all += words.substr(0, sh::length_prefix::size + *size);
            }
        } else {
            auto message = sh::framed::decode(body);
            if (!message || is_end(*message)) break;
            if (sh::framed::is_content(message->head.type)) {
                ++message->head.hops;
                const auto pieces = sh::framed::forward(message->head, message->payload);
                all += std::string(pieces.prefix.as_text()) + std::string(pieces.body.as_text());
            }
        }
        words.remove_prefix(sh::length_prefix::size + *size);
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    scene here{.wire = data[0] % 2 == 0 ? sh::tcp_wire::framed : sh::tcp_wire::pickle,
               .words = {reinterpret_cast<const char*>(data) + 1, size - 1}};
    current = &here;
    [[maybe_unused]] static const bool silent = (sh::configure_log("off"), true);

    sh::test::plan_builder plan("fuzz");
    plan.add<server>("server");
    plan.add<watcher>("viewer");
    auto& relay = plan.add<sh::relay::stream_relay>(
        "relay", {{"wire", here.wire == sh::tcp_wire::framed ? "framed" : "pickle"}});
    relay.limits.message_bytes = largest_message;
    relay.viewers.queue = {.policy = sh::queue_policy::drop_oldest, .items = 1'000'000};
    sh::simulation world(1);
    sh::host_runtime host(plan.plan(), world.add_host());
    const int status = host.run([&] {
        world.run_for(5s);
        STREAMHOST_ASSERT(!here.ended);
        STREAMHOST_ASSERT(here.seen == expected(here.wire, here.words));
        host.stop_host("the end");
    });
    STREAMHOST_ASSERT(status == 0 && world.net().open_streams() == 0);
    current = nullptr;
    return 0;
}
