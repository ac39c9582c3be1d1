#include "modules/chaos/collects.hpp"
#include "modules/chaos/counts.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

/// Module types that misbehave, one way each. What they do is in their names; the rest of the host must not suffer.
namespace chaos {

namespace sh = streamhost;
using namespace std::chrono_literals;

struct throw_settings {
    std::string message = "chaos was asked for";
    std::chrono::milliseconds after{100};
    std::int64_t lives = 0;
};

class throws_in_constructor final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<throws_in_constructor, throw_settings>("chaos.throws_in_constructor", "throws when it is made")
            .setting("message", &throw_settings::message, "what it throws");
    }
    throws_in_constructor(sh::module_context&, throw_settings chosen) { throw std::runtime_error(chosen.message); }

    sh::awaitable<void> run() override { co_return; }
};

class throws_in_prepare final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<throws_in_prepare, throw_settings>("chaos.throws_in_prepare", "cannot be prepared")
            .setting("message", &throw_settings::message, "what it throws");
    }
    throws_in_prepare(sh::module_context&, throw_settings chosen) : chosen_(std::move(chosen)) {}

    sh::awaitable<void> prepare() override {
        throw sh::configuration_error(chosen_.message);
        co_return;
    }
    sh::awaitable<void> run() override { co_return; }

private:
    throw_settings chosen_;
};

class throws_in_run final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<throws_in_run, throw_settings>("chaos.throws_in_run", "fails while it runs")
            .setting("message", &throw_settings::message, "what it throws")
            .setting("after", &throw_settings::after, "how long it runs before")
            .setting("lives", &throw_settings::lives, "how many lives fail, 0: all");
    }
    throws_in_run(sh::module_context& host, throw_settings chosen) : host_(host), chosen_(std::move(chosen)) {}

    sh::awaitable<void> run() override {
        auto& lives = host_.metric("lives", "how often it was made to run");
        lives.add();
        const bool go_on = co_await host_.sleep_for(chosen_.after);
        if (!go_on) co_return;
        if (chosen_.lives == 0 || lives.value() <= static_cast<std::uint64_t>(chosen_.lives)) {
            throw std::runtime_error(chosen_.message);
        }
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    sh::module_context& host_;
    throw_settings chosen_;
};

struct span_settings {
    std::chrono::milliseconds after{100};
    std::chrono::milliseconds span{200};
};

/// Keeps the thread, as a blocking call does.
void block_thread(const sh::clock& time, sh::duration span) {
    const auto end = time.now() + span;
    while (time.now() < end) {
    }
}

class blocks_lane final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<blocks_lane, span_settings>("chaos.blocks_lane", "keeps its lane busy once")
            .setting("after", &span_settings::after, "how long it is well-behaved before")
            .setting("span", &span_settings::span, "how long it keeps the lane");
    }
    blocks_lane(sh::module_context& host, span_settings chosen) : host_(host), chosen_(chosen) {}

    sh::awaitable<void> run() override {
        const bool go_on = co_await host_.sleep_for(chosen_.after);
        if (go_on) block_thread(host_.clock(), chosen_.span);
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    sh::module_context& host_;
    span_settings chosen_;
};

class slow_prepare final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<slow_prepare, span_settings>("chaos.slow_prepare", "takes its time to be prepared")
            .setting("span", &span_settings::span, "how long");
    }
    slow_prepare(sh::module_context& host, span_settings chosen) : host_(host), chosen_(chosen) {}

    sh::awaitable<void> prepare() override { co_await host_.sleep_for(chosen_.span); }
    sh::awaitable<void> run() override {
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    sh::module_context& host_;
    span_settings chosen_;
};

class never_drains final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<never_drains>("chaos.never_drains", "waits for ever, deaf to every request to end");
    }
    explicit never_drains(sh::module_context&) {}

    sh::awaitable<void> run() override {
        co_await sh::asio::this_coro::reset_cancellation_state(sh::asio::disable_cancellation());
        for (;;) co_await never_.wait();
    }

private:
    sh::event never_;
};

class spins_in_drain final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<spins_in_drain>("chaos.spins_in_drain", "keeps its lane for ever as soon as the host drains");
    }
    explicit spins_in_drain(sh::module_context& host) : host_(host) {}

    sh::awaitable<void> run() override {
        while (!host_.draining()) co_await host_.sleep_for(1h);
        for (;;) block_thread(host_.clock(), 1h);
    }

private:
    sh::module_context& host_;
};

}  // namespace chaos

STREAMHOST_MODULES(chaos::throws_in_constructor, chaos::throws_in_prepare, chaos::throws_in_run, chaos::blocks_lane,
                   chaos::slow_prepare, chaos::never_drains, chaos::spins_in_drain, chaos::counts, chaos::collects)
