#pragma once

#include "program.hpp"

#include "observe/log_tap.hpp"
#include "runtime/machine_world.hpp"
#include "support/scratch_folder.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// Real programs under `process.run`, on the machine, with scripted neighbours.
namespace streamhost::process::test {

using namespace std::chrono_literals;

/// What the modules of one test share with it; on one lane.
struct play {
    std::vector<std::string> records;  ///< as JSON, in their order
    std::vector<message_header> headers;
    std::vector<std::string> others;   ///< what came on the second output
    std::vector<envelope> anything;    ///< of an output of any type
    std::function<awaitable<void>(module_context&, output<record>)> source;
    std::function<awaitable<void>(module_context&, output<encoded_image>)> camera;
    std::function<bool()> enough = [] { return false; };
};
inline play* current = nullptr;

class record_sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<record_sink>("test.records", "notes records")
            .input<record>("records", "any").optional()
            .input<text>("texts", "any").optional();
    }
    explicit record_sink(module_context& host)
        : host_(host), records_(host.input<record>("records")), texts_(host.input<text>("texts")) {}

    awaitable<void> run() override {
        if (texts_.linked()) host_.spawn(note_texts());
        while (records_.linked()) {
            const auto one = co_await records_.next();
            if (!one) break;
            current->records.push_back(boost::json::serialize(one->value));
            current->headers.push_back(one.header());
        }
    }

private:
    awaitable<void> note_texts() {
        for (;;) {
            const auto one = co_await texts_.next();
            if (!one) break;
            current->others.push_back(one->line);
        }
    }

    module_context& host_;
    input<record> records_;
    input<text> texts_;
};

class any_sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<any_sink>("test.anything", "keeps messages").any_input("messages", "any");
    }
    explicit any_sink(module_context& host) : messages_(host.any_input("messages")) {}

    awaitable<void> run() override {
        for (;;) {
            auto one = co_await messages_.next_any();
            if (!one) break;
            current->anything.push_back(std::move(one));
        }
    }

private:
    input_port& messages_;
};

template <class T>
class scripted_source final : public module {
public:
    static module_info describe() {
        return streamhost::describe<scripted_source>("test.source", "sends what a test says").template output<T>("out", "any");
    }
    explicit scripted_source(module_context& host) : host_(host), out_(host.output<T>("out")) {}

    awaitable<void> run() override {
        if constexpr (std::is_same_v<T, record>) {
            if (current->source) co_await current->source(host_, out_);
        } else {
            if (current->camera) co_await current->camera(host_, out_);
        }
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }

private:
    module_context& host_;
    output<T> out_;
};

/// Ends the host as soon as the test has seen enough.
class observer final : public module {
public:
    static module_info describe() { return streamhost::describe<observer>("test.observer", "looks on"); }
    explicit observer(module_context& host) : host_(host) {}

    awaitable<void> run() override {
        auto beat = host_.every(5ms);
        for (int looks = 0; looks < 6000; ++looks) {
            const bool go_on = co_await beat.next();
            if (!go_on) co_return;
            if (!current->enough()) continue;
            host_.stop_host("the test has seen enough");
            co_return;
        }
        ADD_FAILURE() << "what the test waits for did not come";
        host_.stop_host("the test gives up");
    }

private:
    module_context& host_;
};

/// The module with less patience.
class impatient_program final : public module {
public:
    static module_info describe() {
        auto info = program::describe();
        info.factory = [make = settings_of()](module_context& host, const boost::json::object& chosen) {
            return std::make_unique<impatient_program>(host, make(chosen));
        };
        return info;
    }
    impatient_program(module_context& host, program_settings chosen) : inner_(host, std::move(chosen), 20ms) {}
    awaitable<void> prepare() override { return inner_.prepare(); }
    awaitable<void> run() override { return inner_.run(); }

private:
    static std::function<program_settings(const boost::json::object&)> settings_of() {
        return [](const boost::json::object& chosen) {
            program_settings settings;
            for (const auto& word : chosen.at("command").as_array()) settings.command.emplace_back(word.as_string());
            for (const auto& [name, type] : chosen.at("inputs").as_object()) settings.inputs[name] = type.as_string();
            for (const auto& [name, type] : chosen.at("outputs").as_object()) settings.outputs[name] = type.as_string();
            settings.in_flight = static_cast<std::uint32_t>(chosen.at("in_flight").as_int64());
            return settings;
        };
    }

    program inner_;
};

class program_stage : public ::testing::Test {
protected:
    program_stage() { current = &seen; }

    /// The entry of the program in a topology; `"$0"` of the script is the test's folder.
    boost::json::object script(const std::string& text, boost::json::object more = {}) const {
        more["command"] = boost::json::array{"/bin/sh", "-c", text, folder.path().string()};
        return more;
    }
    static boost::json::object sends(const char* type = "record") { return {{"records", type}}; }

    template <class Module = program>
    void add_program(boost::json::object settings, restart_policy restart = restart_policy::never) {
        plan.add<Module>("program", std::move(settings)).restart.policy = restart;
        plan.add<observer>("observer");
    }
    void note_records(const std::string& output = "records") {
        plan.add<record_sink>("sink");
        plan.link("program." + output, "sink.records");
    }

    int run_host() {
        machine_world world;
        host_runtime host(plan.plan(), world);
        host_ = &host;
        const int status = host.run({});
        after = host.snapshot();
        host_ = nullptr;
        return status;
    }

    host_snapshot snapshot() const { return host_ != nullptr ? host_->snapshot() : after; }
    std::string condition() const { return snapshot().instances[0].condition; }
    std::string failure() const { return snapshot().instances[0].failure; }
    std::uint64_t metric(const std::string& name) const {
        const auto now = snapshot();
        for (const auto& each : now.instances[0].metrics) {
            if (each.name == name) return each.value;
        }
        ADD_FAILURE() << "no metric " << name;
        return 0;
    }
    void enough_records(std::size_t count) {
        seen.enough = [this, count] { return seen.records.size() >= count; };
    }
    bool over() const { return !failure().empty(); }

    streamhost::test::scratch_folder folder;
    streamhost::test::plan_builder plan;
    play seen;
    std::vector<std::string> logged;  // by the one lane, while it runs
    log_tap tap{[this](log_level, std::string_view name, std::string_view line) {
        if (name == "program") logged.emplace_back(line);
    }};
    host_snapshot after;

private:
    host_runtime* host_ = nullptr;
};

}  // namespace streamhost::process::test
