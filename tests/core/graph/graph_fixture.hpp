#pragma once

#include "graph/link.hpp"
#include "support/simulated_lane.hpp"

#include <streamhost/media.hpp>
#include <streamhost/port.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

namespace streamhost::test {

/// Ports and links without a host: sources on one lane, sinks on the same one or, where `GetParam()`, on another.
class graph_test : public ::testing::TestWithParam<bool> {
public:
    output_port& add_output(const std::string& name = "out") {
        outputs.push_back(
            std::make_unique<output_port>(name, from.own_executor(), from.timers(), message_origin{.instance = 7}));
        return *outputs.back();
    }

    input_port& add_input(const std::string& name = "in", bool running = true) {
        inputs.push_back(std::make_unique<input_port>(name, to.own_executor(), lanes.world.time()));
        inputs.back()->set_running(running);
        return *inputs.back();
    }

    link& connect(output_port& out, input_port& in, queue_options options = usual_queue(queue_policy::wait)) {
        links.push_back(std::make_unique<link>(out.name() + " -> " + in.name(), out, in, options, link_type_check{}, "of_" + out.name()));
        out.attach(*links.back());
        in.attach(*links.back());
        return *links.back();
    }

    /// Coroutines of the sources' lane.
    void source(awaitable<void> task) { sources->spawn(std::move(task)); }
    void sink(awaitable<void> task) { sinks->spawn(std::move(task)); }

    awaitable<void> send(output_port& out, int first, int last) {
        output<text> lines(out);
        for (int i = first; i <= last; ++i) {
            text line{std::to_string(i), {}};
            co_await lines.send(std::move(line));
        }
    }
    awaitable<void> send_and_close(output_port& out, int first, int last) {
        co_await send(out, first, last);
        out.close();
        log.push_back("closed");
    }
    awaitable<void> receive(input_port& in, std::vector<std::string>& into) {
        input<text> lines(in);
        for (;;) {
            const auto line = co_await lines.next();
            if (!line) break;
            into.push_back(line->line);
        }
        into.push_back("end");
    }
    awaitable<void> receive(input_port& in, std::vector<std::string>& into, int count) {
        input<text> lines(in);
        for (int i = 0; i < count; ++i) {
            const auto line = co_await lines.next();
            into.push_back(line ? line->line : "end");
        }
    }

    /// Takes what waits, as a module between two awaits does.
    std::vector<std::string> take(input_port& in, int most = 1'000'000) {
        std::vector<std::string> lines;
        asio::post(to.own_executor(), [&] {
            for (envelope next; most-- > 0 && in.try_next(next);) {
                lines.push_back(static_cast<const text*>(next.payload.get())->line);
            }
        });
        lanes.settle();
        return lines;
    }

    static std::uint64_t dropped(const link& at, drop_reason reason) {
        return at.queue().dropped[static_cast<std::size_t>(reason)].value();
    }

    void settle() { lanes.settle(); }
    void run_for(duration span) { lanes.run_for(span); }

    /// Ends what still waits, so that a failed test does not end the program.
    void TearDown() override {
        asio::post(from.own_executor(), [this] { sources->terminate(); });
        asio::post(to.own_executor(), [this] { sinks->terminate(); });
        settle();
    }

    simulated_lanes lanes;
    lane& from = lanes.add("from");
    lane& to = GetParam() ? lanes.add("to") : from;
    std::vector<std::string> log;
    std::vector<std::string> got;
    std::vector<std::unique_ptr<output_port>> outputs;
    std::vector<std::unique_ptr<input_port>> inputs;
    std::vector<std::unique_ptr<link>> links;
    std::unique_ptr<task_group> sources = std::make_unique<task_group>(from.own_executor());
    std::unique_ptr<task_group> sinks = std::make_unique<task_group>(to.own_executor());
};

inline std::string lane_case(const ::testing::TestParamInfo<bool>& info) {
    return info.param ? "across_lanes" : "on_one_lane";
}

}  // namespace streamhost::test
