#pragma once

#include "async/lane.hpp"
#include "async/machine_clock.hpp"
#include "net/machine_net.hpp"
#include "net/simulated_net.hpp"
#include "runtime/simulation.hpp"

#include <streamhost/net.hpp>
#include <streamhost/task_group.hpp>

#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::test {

enum class backend_kind { simulated, machine };

/// One lane with a network: sockets of the kernel and real time, or pipes in memory and virtual time. The body of a test
/// is a coroutine on the lane.
class net_fixture : public ::testing::Test {
public:
    explicit net_fixture(backend_kind kind) {
        if (kind == backend_kind::simulated) {
            world.emplace(1);
            face = &world->add_host();
            lane_ = face->make_lane("test");
            net = &world->net();
        } else {
            lane_ = std::make_unique<lane>("test", machine_time);
            net = &machine;
            lane_->start();
        }
    }
    ~net_fixture() override {
        if (world) face->end_lane(*lane_);
    }

    bool simulated() const { return world.has_value(); }
    lane& on() { return *lane_; }
    executor as() { return lane_->own_executor(); }

    /// Runs a coroutine of the lane, and what it spawned on `tasks`, to the end.
    void run(std::function<awaitable<void>(net_fixture&)> body) {
        std::promise<void> over;
        auto end = over.get_future();
        std::exception_ptr failure;
        asio::post(as(), [&] {
            whole.emplace(as());
            tasks.emplace(as());
            whole->spawn(run_body(*this, body, failure, over));
        });
        if (world) {
            world->run_until([&] { return end.wait_for(std::chrono::seconds(0)) == std::future_status::ready; },
                             steady_time::max());
        }
        end.wait();
        // The coroutine's own end comes behind the promise.
        std::promise<void> joined;
        asio::post(as(), [&] {
            tasks.reset();
            whole.reset();
            joined.set_value();
        });
        if (world) world->run_for(duration::zero());
        joined.get_future().wait();
        if (failure) std::rethrow_exception(failure);
    }

    /// A listener on port 0 of loopback, at the level of the backend.
    std::unique_ptr<acceptor> listen() {
        auto bound = net->bind({"127.0.0.1", 0});
        EXPECT_TRUE(bound);
        entrance = *bound;
        return net->open(*bound, on(), as());
    }

    awaitable<result<stream>> dial(net_address to, duration timeout = std::chrono::seconds(5)) {
        auto session = co_await net->connect(to, on(), as(), timeout, drain);
        if (!session) co_return session.error();
        co_return stream(std::move(*session));
    }
    awaitable<result<stream>> accept(acceptor& from) {
        auto session = co_await from.accept();
        if (!session) co_return session.error();
        co_return stream(std::move(*session));
    }

    /// Both ends of a connection.
    struct pair {
        stream client, server;
    };
    awaitable<pair> connect() {
        pair both;
        const auto door = listen();
        auto dialled = co_await dial(entrance->local());
        EXPECT_TRUE(dialled) << dialled.error().message();
        auto accepted = co_await accept(*door);
        EXPECT_TRUE(accepted) << accepted.error().message();
        both.client = std::move(*dialled);
        both.server = std::move(*accepted);
        co_return std::move(both);
    }

    machine_clock machine_time;
    machine_net machine;
    std::optional<simulation> world;
    streamhost::world* face = nullptr;
    net_backend* net = nullptr;
    drain_state drain;
    std::shared_ptr<listening_socket> entrance;
    std::optional<task_group> tasks;

private:
    static awaitable<void> run_body(net_fixture& self, std::function<awaitable<void>(net_fixture&)>& body,
                                    std::exception_ptr& failure, std::promise<void>& over) {
        try {
            co_await body(self);
            co_await self.tasks->join();
        } catch (...) {
            failure = std::current_exception();
        }
        over.set_value();
    }

    std::optional<task_group> whole;
    std::unique_ptr<lane> lane_;
};

inline asio::const_buffer bytes_of(const std::string& text) { return asio::buffer(text); }

}  // namespace streamhost::test
