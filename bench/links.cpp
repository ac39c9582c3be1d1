/// What one message costs on its way through a link, on one lane and across two, beside what nothing can go below: the
/// allocation of the payload and a plain queue.

#include "async/lane.hpp"
#include "async/machine_clock.hpp"
#include "graph/link.hpp"

#include <streamhost/event.hpp>
#include <streamhost/media.hpp>
#include <streamhost/port.hpp>
#include <streamhost/task_group.hpp>

#include <boost/asio/post.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <deque>
#include <memory>
#include <thread>

namespace streamhost {
namespace {

constexpr std::uint64_t batch = 10'000;

/// A link with both its ends; the source sends a batch each time it is told to.
class stage {
public:
    stage(lane& from, lane& to, queue_policy policy, std::size_t items)
        : from_(from),
          out_{"out", from.own_executor(), from.timers(), {}},
          in_{"in", to.own_executor(), clock_},
          way_{"out -> in", out_, in_, {.policy = policy, .items = items, .bytes = 0, .wait = std::chrono::hours(1)}},
          source_{from.own_executor()},
          sink_{to.own_executor()} {
        out_.attach(way_);
        in_.attach(way_);
        in_.set_running(true);
        source_.spawn(send_batches());
        sink_.spawn(receive());
    }

    void start_batch() {
        asio::post(from_.own_executor(), [this] { go_.set(); });
    }
    void end() {
        asio::post(from_.own_executor(), [this] {
            over_ = true;
            go_.set();
        });
    }
    std::uint64_t received() const { return received_.load(); }
    bool ended() const { return ended_.load(); }
    /// Sleeps until that many messages have arrived in all.
    void wait_for(std::uint64_t count) const {
        for (auto seen = received_.load(); seen < count; seen = received_.load()) received_.wait(seen);
    }

private:
    awaitable<void> send_batches() {
        output<text> lines(out_);
        for (;;) {
            co_await go_.wait();
            if (over_) break;
            for (std::uint64_t i = 0; i < batch; ++i) {
                text line;
                co_await lines.send(std::move(line));
            }
        }
        out_.close();
    }

    awaitable<void> receive() {
        input<text> lines(in_);
        std::uint64_t count = 0;
        for (;;) {
            const auto line = co_await lines.next();
            if (!line) break;
            if (++count % batch == 0) {
                received_.store(count);
                received_.notify_one();
            }
        }
        ended_.store(true);
    }

    machine_clock clock_;
    lane& from_;
    output_port out_;
    input_port in_;
    link way_;
    event go_;
    bool over_ = false;
    std::atomic<std::uint64_t> received_{0};
    std::atomic<bool> ended_{false};
    task_group source_, sink_;
};

void plain_queue(benchmark::State& state) {
    std::deque<std::shared_ptr<const text>> queue;
    const auto depth = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        for (std::size_t i = 0; i < depth; ++i) queue.push_back(std::make_shared<const text>());
        for (std::size_t i = 0; i < depth; ++i) {
            const auto taken = std::move(queue.front());
            queue.pop_front();
            benchmark::DoNotOptimize(taken.get());
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(plain_queue)->Arg(1)->Arg(64);

void one_clock_reading(benchmark::State& state) {
    const machine_clock clock;
    for (auto _ : state) benchmark::DoNotOptimize(clock.steady_ns());
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(one_clock_reading);

/// `items` is the queue's limit, and so how many messages share one wake-up.
void same_lane(benchmark::State& state) {
    machine_clock clock;
    lane only{"only", clock};
    stage play{only, only, queue_policy::wait, static_cast<std::size_t>(state.range(0))};
    only.poll();
    std::uint64_t wanted = 0;
    for (auto _ : state) {
        wanted += batch;
        play.start_batch();
        while (play.received() < wanted) only.poll();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(wanted));
    play.end();
    while (!play.ended()) only.poll();
    only.poll();
}
BENCHMARK(same_lane)->ArgName("items")->Arg(1)->Arg(64);

void across_lanes(benchmark::State& state) {
    machine_clock clock;
    lane from{"from", clock}, to{"to", clock};
    stage play{from, to, queue_policy::wait, static_cast<std::size_t>(state.range(0))};
    from.start();
    to.start();
    std::uint64_t wanted = 0;
    for (auto _ : state) {
        wanted += batch;
        play.start_batch();
        play.wait_for(wanted);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(wanted));
    play.end();
    while (!play.ended()) std::this_thread::yield();
    for (auto* each : {&from, &to}) {
        each->stop();
        each->thread().join();
    }
    for (auto* each : {&from, &to}) each->poll();
}
BENCHMARK(across_lanes)->ArgName("items")->Arg(64)->Arg(1024)->UseRealTime();

}  // namespace
}  // namespace streamhost
