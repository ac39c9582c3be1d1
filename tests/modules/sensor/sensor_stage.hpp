#pragma once

#include "support/simulated_host.hpp"

#include <streamhost/module.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

/// Neighbours of the sensors, for the simulation and for the machine.
namespace streamhost::sensor::test {

using namespace std::chrono_literals;

/// What the modules of one test share with it; on one lane.
struct play {
    std::vector<std::string> records;  ///< as JSON
    std::vector<std::string> lines;
    std::vector<duration> times;       ///< of the records, since the start
    std::function<awaitable<void>(module_context&)> act = [](module_context&) -> awaitable<void> { co_return; };
    std::function<awaitable<void>(module_context&, output<text>)> speak;
};
inline play* current = nullptr;

/// Notes what comes.
class sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<sink>("test.sink", "notes")
            .input<record>("records", "any").optional()
            .input<text>("lines", "any").optional();
    }
    explicit sink(module_context& host)
        : host_(host),
          records_(host.input<record>("records")),
          lines_(host.input<text>("lines")),
          started_(host.clock().now()) {}

    awaitable<void> run() override {
        if (lines_.linked()) host_.spawn(note_lines());
        while (records_.linked()) {
            const auto one = co_await records_.next();
            if (!one) break;
            current->records.push_back(boost::json::serialize(one->value));
            current->times.push_back(host_.clock().now() - started_);
        }
    }

private:
    awaitable<void> note_lines() {
        for (;;) {
            const auto one = co_await lines_.next();
            if (!one) break;
            current->lines.push_back(one->line);
        }
    }

    module_context& host_;
    input<record> records_;
    input<text> lines_;
    steady_time started_;
};

/// Does what the test says, and then ends the host.
class actor final : public module {
public:
    static module_info describe() {
        return streamhost::describe<actor>("test.actor", "does what a test says").listens();
    }
    explicit actor(module_context& host) : host_(host) {}

    awaitable<void> run() override {
        co_await current->act(host_);
        host_.stop_host("the test has seen enough");
    }

private:
    module_context& host_;
};

/// Sends lines.
class speaker final : public module {
public:
    static module_info describe() {
        return streamhost::describe<speaker>("test.speaker", "sends lines").output<text>("lines", "any").spontaneous();
    }
    explicit speaker(module_context& host) : host_(host), lines_(host.output<text>("lines")) {}

    awaitable<void> run() override {
        if (current->speak) co_await current->speak(host_, lines_);
    }

private:
    module_context& host_;
    output<text> lines_;
};

/// Until `condition` holds; at most half a minute of the host's time.
inline awaitable<bool> until(module_context& host, std::function<bool()> condition) {
    for (int looks = 0; looks < 6000; ++looks) {
        if (condition()) co_return true;
        const bool go_on = co_await host.sleep_for(5ms);
        if (!go_on) break;
    }
    co_return condition();
}

inline const instance_snapshot& instance_of(const host_snapshot& snapshot, const std::string& name) {
    const auto found = std::ranges::find(snapshot.instances, name, &instance_snapshot::name);
    if (found == snapshot.instances.end()) throw std::logic_error("no instance " + name);
    return *found;
}

inline std::uint64_t metric_of(const host_snapshot& snapshot, const std::string& instance, const std::string& metric) {
    for (const auto& each : instance_of(snapshot, instance).metrics) {
        if (each.name == metric) return each.value;
    }
    throw std::logic_error("no metric " + metric);
}

}  // namespace streamhost::sensor::test
