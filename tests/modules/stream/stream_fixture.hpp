#pragma once

#include "client.hpp"
#include "modules/stream/scan.hpp"
#include "observe/log_tap.hpp"
#include "server.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/message_stream.hpp>

#include <gmock/gmock.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace streamhost::test {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// How a message of each type says its number.
template <class T>
struct numbered;

template <>
struct numbered<text> {
    static constexpr const char* name = "text";
    static text make(std::uint32_t number, std::size_t) { return {std::to_string(number), "somebody"}; }
    static std::uint32_t number_of(const text& value) { return static_cast<std::uint32_t>(std::stoul(value.line)); }
};

template <>
struct numbered<record> {
    static constexpr const char* name = "record";
    static record make(std::uint32_t number, std::size_t) { return {boost::json::object{{"n", number}}}; }
    static std::uint32_t number_of(const record& value) { return value.value.at("n").to_number<std::uint32_t>(); }
};

template <>
struct numbered<bytes> {
    static constexpr const char* name = "bytes";
    static bytes make(std::uint32_t number, std::size_t size) {
        std::string content(std::max(size, sizeof number), '\0');
        std::memcpy(content.data(), &number, sizeof number);
        return {shared_bytes::adopt(std::move(content))};
    }
    static std::uint32_t number_of(const bytes& value) {
        std::uint32_t number = 0;
        std::memcpy(&number, value.data.data(), sizeof number);
        return number;
    }
};

template <>
struct numbered<video_frame> {
    static constexpr const char* name = "video_frame";
    /// `size` bytes, in rows of 3000.
    static video_frame make(std::uint32_t number, std::size_t size) {
        const int height = std::max(1, static_cast<int>(size / 3000));
        std::vector<std::byte> pixels(static_cast<std::size_t>(height) * 3000);
        std::memcpy(pixels.data(), &number, sizeof number);
        return {1000, height, pixel_format::bgr8, shared_bytes::adopt(std::move(pixels))};
    }
    static std::uint32_t number_of(const video_frame& value) {
        std::uint32_t number = 0;
        std::memcpy(&number, value.pixels.data(), sizeof number);
        return number;
    }
};

template <>
struct numbered<scan> {
    static constexpr const char* name = "scan";
    static scan make(std::uint32_t number, std::size_t) { return {number, {1.5F, 2.5F}}; }
    static std::uint32_t number_of(const scan& value) { return value.ranges.size() == 2 ? value.number : 0; }
};

struct source_settings {
    std::chrono::milliseconds period{100};
    std::uint32_t count = 0;
    std::uint32_t size = 0;
};

/// Sends "1", "2", ... in messages of type `T`; the first at once.
template <class T>
class source final : public module {
public:
    static module_info describe() {
        return streamhost::describe<source, source_settings>(std::string("test.source_") + numbered<T>::name, "numbers")
            .setting("period", &source_settings::period, "time between messages")
            .setting("count", &source_settings::count, "how many, 0 for ever")
            .setting("size", &source_settings::size, "bytes of each, where it can be chosen")
            .template output<T>("out", "the numbers");
    }
    source(module_context& host, source_settings chosen)
        : host_(host), chosen_(chosen), out_(host.output<T>("out")) {}

    awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (std::uint32_t i = 1; chosen_.count == 0 || i <= chosen_.count; ++i) {
            auto made = numbered<T>::make(i, chosen_.size);
            co_await out_.send(std::move(made));
            const bool go_on = co_await beat.next();
            if (!go_on) break;
        }
    }

private:
    module_context& host_;
    source_settings chosen_;
    output<T> out_;
};

struct seen_message {
    std::uint32_t number = 0;
    message_header header;
    steady_time when;
};

/// What the sinks of a test have seen, by the name of the instance.
using seen_messages = std::map<std::string, std::vector<seen_message>>;
inline seen_messages* seen = nullptr;

template <class T>
class sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<sink>(std::string("test.sink_") + numbered<T>::name, "notes numbers")
            .template input<T>("in", "numbers");
    }
    explicit sink(module_context& host) : host_(host), in_(host.input<T>("in")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto content = co_await in_.next();
            if (!content) break;
            (*seen)[host_.name()].push_back({numbered<T>::number_of(*content), content.header(), host_.clock().now()});
        }
    }

private:
    module_context& host_;
    input<T> in_;
};

/// Does what the test wrote, beside the hosts of the test: a peer by hand.
class by_hand final : public module {
public:
    using script = std::function<awaitable<void>(module_context& host)>;
    static script& what() {
        static script one;
        return one;
    }
    static module_info describe() { return streamhost::describe<by_hand>("test.by_hand", "does what a test says").dials(); }
    explicit by_hand(module_context& host) : host_(host) {}
    awaitable<void> run() override { co_await what()(host_); }

private:
    module_context& host_;
};

inline constexpr const char* stream_address = "127.0.0.1:9620";

/// Several hosts of one simulated world, each run inside of the one before, on the test's own thread.
class stream_fixture : public ::testing::Test {
protected:
    stream_fixture() { seen = &messages; }
    ~stream_fixture() override { seen = nullptr; }

    static plan_builder host_of(const std::string& name) { return plan_builder(name); }

    template <class T>
    static void feed(plan_builder& plan, const std::string& port, boost::json::object settings = {},
                     queue_options queue = usual_queue(queue_policy::wait)) {
        const auto name = "feed_" + port.substr(port.find('.') + 1);
        plan.add<source<T>>(name, std::move(settings));
        plan.link(name + ".out", port, queue);
    }
    template <class T>
    static void note(plan_builder& plan, const std::string& port, const std::string& sink_name) {
        plan.add<sink<T>>(sink_name);
        plan.link(port, sink_name + ".in");
    }
    static plan_instance& serve(plan_builder& plan, boost::json::object send, boost::json::object receive = {}) {
        return plan.add<stream_family::server>(
            "server", {{"listen", stream_address}, {"send", std::move(send)}, {"receive", std::move(receive)}});
    }
    static plan_instance& dial(plan_builder& plan, boost::json::object receive, boost::json::object send = {}) {
        return plan.add<stream_family::client>(
            "client", {{"connect", stream_address}, {"send", std::move(send)}, {"receive", std::move(receive)}});
    }

    /// Runs a host for as long as `meanwhile` takes, then stops it; gives its last snapshot.
    host_snapshot run(const plan_builder& plan, const std::function<void(host_runtime&)>& meanwhile) {
        host_runtime host(plan.plan(), world.add_host());
        const int status = host.run([&] {
            meanwhile(host);
            host.stop_host("test");
        });
        EXPECT_EQ(status, 0) << plan.plan().name;
        return host.snapshot();
    }
    void run_by_hand(by_hand::script script, duration span) {
        by_hand::what() = std::move(script);
        plan_builder plan("peer");
        plan.add<by_hand>("peer");
        run(plan, [&](host_runtime&) { world.run_for(span); });
    }

    std::vector<std::uint32_t> numbers(const std::string& sink_name) {
        std::vector<std::uint32_t> list;
        for (const auto& each : messages[sink_name]) list.push_back(each.number);
        return list;
    }
    static std::uint64_t metric(const host_snapshot& of, std::string_view instance, std::string_view name) {
        for (const auto& each : of.instances) {
            if (each.name != instance) continue;
            for (const auto& one : each.metrics) {
                if (one.name == name) return one.value;
            }
        }
        ADD_FAILURE() << "no metric " << name << " of " << instance;
        return 0;
    }
    static std::string condition(const host_runtime& of, std::string_view instance) {
        for (auto& each : of.snapshot().instances) {
            if (each.name == instance) return each.condition;
        }
        ADD_FAILURE() << "no instance " << instance;
        return {};
    }

    seen_messages messages;
    simulation world{1};
    std::vector<std::string> logged;

private:
    log_tap tap_{[this](log_level, std::string_view name, std::string_view line) {
        logged.push_back(std::string(name) + ": " + std::string(line));
    }};
};

}  // namespace streamhost::test
