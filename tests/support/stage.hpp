#pragma once

#include "observe/log_tap.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace streamhost::test {

class stage;

/// A module that does what the test wrote for its instance. The scripts' functions capture nothing that ends before the
/// stage: they get the module, and through it the stage.
class scripted final : public module {
public:
    static module_info describe() {
        return streamhost::describe<scripted>("test.scripted", "does what a test says")
            .input<text>("in", "anything")
            .many()
            .output<text>("out", "anything")
            .listens();
    }
    explicit scripted(module_context& context);
    ~scripted() override;

    awaitable<void> prepare() override;
    awaitable<void> run() override;

    awaitable<void> send(std::string line) {
        text content{std::move(line), {}};
        co_await out.send(std::move(content));
    }

    module_context& host;
    stage& at;
    input<text> in;
    output<text> out;
    int life;  ///< 1 for the first object of this instance
};

struct script {
    std::function<void(scripted&)> construct{};
    std::function<awaitable<void>(scripted&)> prepare{};
    std::function<awaitable<void>(scripted&)> run{};
};

/// A graph of scripted modules in a simulated host, what they note, and what the log says.
class stage : public ::testing::Test {
public:
    explicit stage(std::uint64_t seed = 1) : world(seed) { current() = this; }
    ~stage() override { current() = nullptr; }

    static stage*& current() {
        static stage* one = nullptr;
        return one;
    }

    plan_instance& add(const std::string& name, script what, std::string lane = "default") {
        scripts[name] = std::move(what);
        return graph.add<scripted>(name, {}, std::move(lane));
    }
    void link(const std::string& from, const std::string& to, queue_options queue = usual_queue(queue_policy::wait)) {
        graph.link(from + ".out", to + ".in", queue);
    }

    /// Runs the graph in the simulation to its end.
    int run(std::function<void()> ready = {}) {
        host.emplace(graph.plan(), simulated_face());
        const auto begun = world.time().now();
        const int status = host->run(ready);
        lasted = world.time().now() - begun;
        return status;
    }
    streamhost::world& simulated_face() {
        if (face_ == nullptr) face_ = &world.add_host();
        return *face_;
    }

    void note(std::string line) {
        const std::lock_guard lock(mutex_);
        notes.push_back(std::move(line));
    }

    instance_snapshot instance(const std::string& name) const {
        for (auto& each : host->snapshot().instances) {
            if (each.name == name) return each;
        }
        throw std::logic_error("no instance " + name);
    }
    link_snapshot only_link() const { return host->snapshot().links.at(0); }
    static std::uint64_t dropped(const link_snapshot& of, const std::string& reason) {
        for (const auto& [name, count] : of.dropped) {
            if (name == reason) return count;
        }
        throw std::logic_error("no reason " + reason);
    }

    /// "warn camera: no signal"
    std::vector<std::string> logged() const {
        const std::lock_guard lock(mutex_);
        return logged_;
    }
    duration time_since_start() { return world.time().now() - started_; }

    simulation world;
    plan_builder graph;
    std::map<std::string, script> scripts;
    std::map<std::string, int> lives;

    /// Any lane, as the next one.
    int next_life(const std::string& name) {
        const std::lock_guard lock(parts_mutex_);
        return ++lives[name];
    }
    script& script_of(const std::string& name) {
        const std::lock_guard lock(parts_mutex_);
        return scripts[name];
    }
    std::optional<host_runtime> host;
    std::vector<std::string> notes;
    duration lasted{};

private:
    static std::string level_name(log_level level) {
        static constexpr const char* names[] = {"trace", "debug", "info", "warn", "error", "off"};
        return names[static_cast<int>(level)];
    }

    const steady_time started_ = world.time().now();
    streamhost::world* face_ = nullptr;
    mutable std::mutex mutex_;
    std::vector<std::string> logged_;
    std::mutex parts_mutex_;
    log_tap tap_{[this](log_level level, std::string_view name, std::string_view line) {
        const std::lock_guard lock(mutex_);
        logged_.push_back(level_name(level) + " " + std::string(name) + ": " + std::string(line));
    }};
};

inline scripted::scripted(module_context& context)
    : host(context),
      at(*stage::current()),
      in(context.input<text>("in")),
      out(context.output<text>("out")),
      life(at.next_life(context.name())) {
    if (const auto& construct = at.script_of(host.name()).construct) construct(*this);
}

inline scripted::~scripted() = default;

inline awaitable<void> scripted::prepare() {
    if (const auto& work = at.script_of(host.name()).prepare) co_await work(*this);
}

inline awaitable<void> scripted::run() {
    if (const auto& work = at.script_of(host.name()).run) co_await work(*this);
}

/// The usual scripts.
namespace scripts {

/// Sends "1", "2", ... in steady beats until the host drains.
inline awaitable<void> beats(scripted& self) {
    auto beat = self.host.every(std::chrono::milliseconds(100));
    for (int i = 1;; ++i) {
        const bool go_on = co_await beat.next();
        if (!go_on) break;
        co_await self.send(std::to_string(i));
    }
    self.at.note(self.host.name() + " ends");
}

/// Notes what arrives, and the end.
inline awaitable<void> notes(scripted& self) {
    for (;;) {
        const auto line = co_await self.in.next();
        if (!line) break;
        self.at.note(self.host.name() + ": " + line->line);
    }
    self.at.note(self.host.name() + " ends");
}

/// Hands on what arrives.
inline awaitable<void> passes(scripted& self) {
    for (;;) {
        const auto line = co_await self.in.next();
        if (!line) break;
        co_await self.send(line->line);
    }
    self.at.note(self.host.name() + " ends");
}

/// Until the host drains.
inline awaitable<void> idles(scripted& self) {
    while (!self.host.draining()) co_await self.host.sleep_for(std::chrono::hours(1));
}

/// Fails whenever it is made to run.
inline awaitable<void> fails(scripted& self) {
    throw std::runtime_error("life " + std::to_string(self.life) + " is over");
    co_return;
}

}  // namespace scripts
}  // namespace streamhost::test
