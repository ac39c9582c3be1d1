#pragma once

#include "support/simulated_host.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

/// The two ends of a graph of pictures: a source that sends what a test gives it, and a sink that notes what comes.
namespace streamhost::video::test {

struct period_settings {
    std::chrono::milliseconds period{100};
};

/// Sends `*script`, one picture per period, the first at once, then ends. With a period of 0 all of them in one turn.
template <class Picture>
class scripted_source final : public module {
public:
    static inline const std::vector<Picture>* script = nullptr;

    static module_info describe() {
        return streamhost::describe<scripted_source, period_settings>("test.source", "sends what a test gives it")
            .setting("period", &period_settings::period, "time between pictures")
            .template output<Picture>("pictures", "them");
    }
    scripted_source(module_context& host, period_settings chosen)
        : host_(host), chosen_(chosen), pictures_(host.output<Picture>("pictures")) {}

    awaitable<void> run() override {
        for (const auto& each : *script) {
            Picture picture = each;
            co_await pictures_.send(std::move(picture));
            if (chosen_.period.count() == 0) continue;
            const bool go_on = co_await host_.sleep_for(chosen_.period);
            if (!go_on) break;
        }
    }

private:
    module_context& host_;
    period_settings chosen_;
    output<Picture> pictures_;
};

template <class Picture>
struct noted_pictures {
    std::vector<message<Picture>> messages;
    std::vector<steady_time> times;
    bool ended = false;
};

/// Notes in `*notes` what comes, and takes a period over each picture.
template <class Picture>
class noting_sink final : public module {
public:
    static inline noted_pictures<Picture>* notes = nullptr;

    static module_info describe() {
        return streamhost::describe<noting_sink, period_settings>("test.sink", "notes what comes")
            .setting("period", &period_settings::period, "time that it takes over a picture")
            .template input<Picture>("pictures", "them");
    }
    noting_sink(module_context& host, period_settings chosen)
        : host_(host), chosen_(chosen), pictures_(host.input<Picture>("pictures")) {}

    awaitable<void> run() override {
        for (;;) {
            auto picture = co_await pictures_.next();
            if (!picture) break;
            notes->messages.push_back(std::move(picture));
            notes->times.push_back(host_.clock().now());
            if (chosen_.period.count() > 0) co_await host_.sleep_for(chosen_.period);
        }
        notes->ended = true;
    }

private:
    module_context& host_;
    period_settings chosen_;
    input<Picture> pictures_;
};

inline std::uint64_t metric(const host_snapshot& of, std::string_view instance, std::string_view name) {
    for (const auto& each : of.instances) {
        if (each.name != instance) continue;
        for (const auto& one : each.metrics) {
            if (one.name == name) return one.value;
        }
    }
    throw std::logic_error("no metric " + std::string(name) + " of " + std::string(instance));
}

/// A simulated host whose worker threads do nothing until they are told: each job waits in `jobs` while `idle`.
class idle_pool final : public world {
public:
    explicit idle_pool(world& inner) : inner_(inner) {}

    std::vector<std::function<void()>> jobs;
    bool idle = true;

    /// Runs the job that has waited longest.
    void run_one() {
        auto job = std::move(jobs.front());
        jobs.erase(jobs.begin());
        job();
    }

    const clock& time() const override { return inner_.time(); }
    net_backend& net() override { return inner_.net(); }
    terminal_backend& terminal() override { return inner_.terminal(); }
    std::uint64_t random_seed() override { return inner_.random_seed(); }
    std::array<std::byte, 16> boot_id() override { return inner_.boot_id(); }
    std::unique_ptr<lane> make_lane(const std::string& name) override { return inner_.make_lane(name); }
    void start_lane(lane& started) override { inner_.start_lane(started); }
    bool end_lane(lane& ended) override { return inner_.end_lane(ended); }
    std::shared_ptr<void> watch_lanes(std::vector<lane*> lanes) override { return inner_.watch_lanes(std::move(lanes)); }
    void run_on_pool(std::function<void()> job) override {
        if (idle) {
            jobs.push_back(std::move(job));
        } else {
            inner_.run_on_pool(std::move(job));
        }
    }
    void finish_pool() override { inner_.finish_pool(); }
    void run_aside(std::function<void()> job) override { inner_.run_aside(std::move(job)); }
    std::unique_ptr<child_runner> make_child_runner(lane& on, const executor& as) override {
        return inner_.make_child_runner(on, as);
    }
    awaitable<result<std::unique_ptr<stream::implementation>>> open_serial(std::string device, unsigned baud, lane& on,
                                                                           executor as) override {
        return inner_.open_serial(std::move(device), baud, on, as);
    }
    void post_main(std::function<void()> work) override { inner_.post_main(std::move(work)); }
    bool run_main(const std::function<bool()>& done, steady_time until) override { return inner_.run_main(done, until); }

private:
    world& inner_;
};

}  // namespace streamhost::video::test
