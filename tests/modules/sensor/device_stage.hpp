#pragma once

#include "sensor_stage.hpp"

#include "runtime/machine_world.hpp"
#include "runtime/simulation.hpp"
#include "support/pseudo_terminal.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

#include <optional>

/// Modules with a serial port: simulated, with the device played by the actor, or a pseudo-terminal of the machine.
namespace streamhost::sensor::test {

inline const std::string simulated_device = "/dev/ttyACM0";

/// The device's side of the port in a simulation: it is plugged in as long as this lives.
inline awaitable<listener> plug_in(module_context& host) {
    auto plugged = co_await host.network().listen(simulated_net::serial_port(simulated_device).to_string());
    co_return plugged;
}

inline awaitable<void> say(stream& port, std::string words) {
    const auto done = co_await port.write(asio::buffer(words));
    EXPECT_TRUE(done);
}

template <class Module>
class device_stage : public ::testing::Test {
protected:
    device_stage() { current = &seen; }

    void add_device(boost::json::object settings) {
        plan.add<Module>("device", std::move(settings));
        plan.add<sink>("sink");
        plan.add<actor>("actor");
    }

    int simulate() {
        simulation world(1);
        host_runtime host(plan.plan(), world.add_host());
        return run(host);
    }
    int run_here() {
        machine_world world;
        host_runtime host(plan.plan(), world);
        return run(host);
    }

    host_snapshot snapshot() const { return host_ != nullptr ? host_->snapshot() : after; }
    std::string condition() const { return instance_of(snapshot(), "device").condition; }
    std::uint64_t metric(const std::string& name) const { return metric_of(snapshot(), "device", name); }

    static void write_to(const streamhost::test::pseudo_terminal& line, std::string_view words) {
        ASSERT_EQ(::write(line.user(), words.data(), words.size()), static_cast<ssize_t>(words.size()));
    }

    streamhost::test::plan_builder plan;
    play seen;
    host_snapshot after;

private:
    int run(host_runtime& host) {
        host_ = &host;
        const int status = host.run({});
        after = host.snapshot();
        host_ = nullptr;
        return status;
    }

    host_runtime* host_ = nullptr;
};

}  // namespace streamhost::sensor::test
