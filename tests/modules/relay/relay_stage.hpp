#pragma once

#include "stream_relay.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Relays in a simulated host, and the peers on both sides of them in another.
namespace streamhost::relay::test {

using namespace std::chrono_literals;

inline constexpr const char* upstream_address = "127.0.0.1:9999";
inline constexpr const char* relay_address = "127.0.0.1:9998";

inline std::string to_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline std::string to_text(const wire_message& message) {
    std::string all;
    for (const auto& piece : message.pieces) all += piece.as_text();
    return all;
}

inline video_frame numbered_frame(int number) {
    return {4, 2, pixel_format::bgr8, shared_bytes::adopt(std::vector<std::byte>(4 * 2 * 3, static_cast<std::byte>(number)))};
}

/// With its length prefix, as the source sends it.
inline std::string picture_message(tcp_wire wire, int number) {
    if (wire == tcp_wire::pickle) return to_text(to_pickle_message(pickle::write_array(numbered_frame(number))));
    message_header header;
    header.origin.boot.fill(std::byte{7});
    header.origin.instance = 8;
    header.epoch = 2;
    header.sequence = static_cast<std::uint64_t>(number);
    header.steady_ns = 1000 + number;
    header.wall_ns = 2000 + number;
    return to_text(to_framed_message(header, numbered_frame(number)));
}

/// The same as it has to leave a relay.
inline std::string relayed(tcp_wire wire, std::string message) {
    if (wire == tcp_wire::framed) ++message[8 + 10];  // the hops
    return message;
}

/// An instance that does what the test wrote for its name, and then ends.
class actor final : public module {
public:
    static inline std::map<std::string, std::function<awaitable<void>(module_context&)>> scripts;

    static module_info describe() { return streamhost::describe<actor>("test.actor", "does what a test says").listens(); }
    explicit actor(module_context& host) : host_(host) {}

    awaitable<void> run() override { co_await scripts.at(host_.name())(host_); }

private:
    module_context& host_;
};

/// What a server is to do, and what it has seen.
struct serving {
    int first = 1;                      ///< number of the first picture
    int count = 1'000'000;              ///< pictures, then it is silent
    duration period = 100ms;
    framed::answer answer;              ///< where it speaks `framed`
    std::vector<std::string> sent;      ///< with their prefix
    int sessions = 0;
    std::optional<steady_time> left{};  ///< when the last one had ended
};

/// Lets one relay after the other in, as the tutorials' drone does, and sends pictures; for `span`, then it is gone.
inline awaitable<void> serve(module_context& host, tcp_wire wire, serving& what, duration span = 24h) {
    auto entrance = co_await host.network().listen(upstream_address);
    std::optional<stream> session;
    bool over = false;
    const auto stop = [&] {
        over = true;
        entrance.close();
        if (session) session->close();
    };
    timer end(host.timers());
    end.start_after(span, stop);
    const drain_state::watch on_drain(host.drain(), stop);
    int number = what.first;
    while (!over) {
        auto accepted = co_await entrance.accept();
        if (!accepted) break;
        session.emplace(std::move(*accepted));
        ++what.sessions;
        if (wire == tcp_wire::framed) {
            const auto hello = co_await take_hello(*session, 2s);
            if (!hello) continue;
            auto answer = what.answer;
            answer.accepted = true;
            answer.type = framed::message_type::video_frame;
            (void)co_await answer_framed(*session, std::move(answer), 2s);
        }
        for (bool alive = true; alive && !over;) {
            if (number < what.first + what.count) {
                auto message = picture_message(wire, number);
                const auto sent = co_await session->write(asio::buffer(message), 10s);
                alive = sent.has_value();
                if (alive) what.sent.push_back(std::move(message));
                if (alive) ++number;
                co_await host.sleep_for(what.period);
            } else {
                std::array<std::byte, 256> ignored;
                const auto got = co_await session->read_some(ignored);
                alive = got.has_value();
            }
        }
        what.left = host.clock().now();
        session.reset();
    }
}

/// What one viewer has seen.
struct viewing {
    std::vector<std::string> messages;  ///< with their prefix; none of the session's own
    std::vector<steady_time> times;
    framed::answer answer;  ///< where it speaks `framed`
    bool came = false;
    bool ended = false;  ///< by the other side
    std::string ending;  ///< what it said at the end
};

/// Views the relay once, from `after` on, for `span` at most.
inline awaitable<void> view(module_context& host, tcp_wire wire, viewing& notes, duration after, duration span = 24h,
                            std::string stream_name = {}, std::string address = relay_address) {
    const bool go_on = co_await host.sleep_for(after);
    if (!go_on) co_return;
    auto session = co_await host.network().dial(address);
    if (!session) co_return;
    notes.came = true;
    if (wire == tcp_wire::framed) {
        framed::hello hello;
        hello.stream = stream_name;
        auto answer = co_await open_framed(*session, std::move(hello), notes.ending, 2s);
        notes.ended = !answer;
        if (!answer) co_return;
        notes.answer = std::move(*answer);
    }
    bool leaves = false;
    const auto leave = [&] {
        leaves = true;
        session->close();
    };
    timer end(host.timers());
    end.start_after(span, leave);
    const drain_state::watch on_drain(host.drain(), leave);
    const receive_limits limits;
    while (!leaves) {
        const auto body = co_await read_prefixed(*session, limits);
        if (!body) {
            notes.ended = !leaves;
            if (notes.ending.empty()) notes.ending = body.error().message();
            break;
        }
        if (wire == tcp_wire::framed) {
            const auto message = framed::decode(*body);
            if (message && !framed::is_content(message->head.type)) {
                const auto content = framed::decode_payload(*message);
                const auto* const said = content ? std::get_if<framed::end_of_stream>(&*content) : nullptr;
                if (said != nullptr) notes.ending = said->text;
                continue;
            }
        }
        notes.messages.push_back(to_text(length_prefix::encode(body->size())) + to_text(body->span()));
        notes.times.push_back(host.clock().now());
    }
}

class relay_stage : public ::testing::Test {
protected:
    /// `viewer_lanes`: how many the relays' viewers have of their own.
    explicit relay_stage(std::uint32_t lanes = 0) : viewer_lanes(lanes) { actor::scripts.clear(); }

    plan_instance& add_relay(tcp_wire wire, boost::json::object settings = {}, std::string name = "relay") {
        settings["wire"] = wire == tcp_wire::pickle ? "pickle" : "framed";
        auto& added = relays.add<stream_relay>(std::move(name), std::move(settings));
        added.viewers.lanes = viewer_lanes;
        return added;
    }
    void act(const std::string& name, std::function<awaitable<void>(module_context&)> script) {
        actor::scripts[name] = std::move(script);
        peers.add<actor>(name);
    }
    /// The usual server, and as many viewers as the test likes.
    serving& add_drone(tcp_wire wire, serving what = {}) {
        auto& one = drones.emplace_back(std::move(what));
        act("drone", [&one, wire](module_context& host) -> awaitable<void> { co_await serve(host, wire, one); });
        return one;
    }
    viewing& add_viewer(tcp_wire wire, duration after = 1s, duration span = 24h) {
        auto& one = viewers.emplace_back();
        act("viewer_" + std::to_string(viewers.size()), [&one, wire, after, span](module_context& host) -> awaitable<void> {
            co_await view(host, wire, one, after, span);
        });
        return one;
    }

    /// `body` runs while both hosts do, and lets time pass. Then the relays are stopped, and a second later their peers.
    void run(const std::function<void()>& body) {
        host_runtime peer_host(peers.plan(), world.add_host());
        auto& relay_world = world.add_host();
        peer_host.run([&] {
            relay_host.emplace(relays.plan(), relay_world);
            status = relay_host->run([&] {
                body();
                relay_host->stop_host("test");
            });
            world.run_for(1s);
            peer_host.stop_host("test");
        });
    }
    void pass(duration span) { world.run_for(span); }

    instance_snapshot now(std::string_view instance = "relay") const {
        for (auto& each : relay_host->snapshot().instances) {
            if (each.name == instance) return each;
        }
        throw std::logic_error("no instance " + std::string(instance));
    }
    std::string condition(std::string_view instance = "relay") const { return now(instance).condition; }
    std::uint64_t metric(std::string_view name, std::string_view instance = "relay") const {
        for (const auto& one : now(instance).metrics) {
            if (one.name == name) return one.value;
        }
        throw std::logic_error("no metric " + std::string(name));
    }

    const std::uint32_t viewer_lanes;
    simulation world{1};
    streamhost::test::plan_builder peers{"peers"};
    streamhost::test::plan_builder relays{"relays"};
    std::list<serving> drones;
    std::list<viewing> viewers;
    std::optional<host_runtime> relay_host;
    int status = -1;
};

}  // namespace streamhost::relay::test
