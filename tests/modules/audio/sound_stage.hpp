#pragma once

#include "sound_format.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/module.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// What the tests of the family share: sound that is known, and modules that send and note it.
namespace streamhost::audio::test {

using streamhost::test::plan_builder;

template <class Sample>
std::vector<Sample> samples_of(std::span<const std::byte> bytes) {
    std::vector<Sample> samples(bytes.size() / sizeof(Sample));
    const auto whole = bytes.first(samples.size() * sizeof(Sample));
    std::ranges::copy(whole, std::as_writable_bytes(std::span(samples)).begin());
    return samples;
}

/// s16 samples that count up, so that one is known by its neighbours.
inline std::vector<std::int16_t> counting_samples(std::size_t count, std::int16_t first = 0) {
    std::vector<std::int16_t> samples(count);
    for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<std::int16_t>(first + static_cast<int>(i));
    return samples;
}

/// A block that arrived.
struct heard_block {
    audio_block block;
    message_header header;
    duration at;  ///< since the start of the noting module
};

struct heard_sound {
    std::vector<heard_block> blocks;
    bool ended = false;

    std::vector<std::byte> bytes() const {
        std::vector<std::byte> all;
        for (const auto& each : blocks) {
            const auto span = each.block.samples.span();
            all.insert(all.end(), span.begin(), span.end());
        }
        return all;
    }
    template <class Sample>
    std::vector<Sample> samples() const {
        return samples_of<Sample>(bytes());
    }
    std::size_t frames() const {
        std::size_t sum = 0;
        for (const auto& each : blocks) sum += each.block.frames();
        return sum;
    }
};

/// Notes what arrives in `current`.
class sound_notes final : public module {
public:
    static inline heard_sound* current = nullptr;

    static module_info describe() {
        return streamhost::describe<sound_notes>("test.sound_notes", "notes sound").input<audio_block>("audio", "any");
    }
    explicit sound_notes(module_context& host)
        : host_(host), audio_(host.input<audio_block>("audio")), started_(host.clock().now()) {}

    awaitable<void> run() override {
        for (;;) {
            const auto block = co_await audio_.next();
            if (!block) break;
            current->blocks.push_back({*block, block.header(), host_.clock().now() - started_});
        }
        current->ended = true;
    }

private:
    module_context& host_;
    input<audio_block> audio_;
    steady_time started_;
};

/// Sends what `current` returns, one after the other without a pause, until that is empty. A pause is `before`.
class sound_script final : public module {
public:
    struct step {
        duration before{};
        audio_block block;
    };
    static inline std::function<std::optional<step>(int number)> current;

    static module_info describe() {
        return streamhost::describe<sound_script>("test.sound_script", "sends what a test says")
            .output<audio_block>("audio", "any");
    }
    explicit sound_script(module_context& host) : host_(host), audio_(host.output<audio_block>("audio")) {}

    awaitable<void> run() override {
        for (int number = 0; !host_.draining(); ++number) {
            auto next = current(number);
            if (!next) break;
            if (next->before > duration::zero()) {
                const bool go_on = co_await host_.sleep_for(next->before);
                if (!go_on) break;
            }
            co_await audio_.send(std::move(next->block));
        }
    }

private:
    module_context& host_;
    output<audio_block> audio_;
};

/// One simulated host with whatever modules a test adds.
class sound_stage : public ::testing::Test {
protected:
    sound_stage() { sound_notes::current = &heard; }

    /// `from` is linked to a module that notes.
    void listen_to(const std::string& from) {
        plan.add<sound_notes>("notes");
        plan.link(from, "notes.audio");
    }

    /// Until all has ended, or until `span` has passed: then the host drains. Returns the host's exit status.
    int run_for(duration span) {
        host = std::make_unique<host_runtime>(plan.plan(), world.add_host());
        const int status = host->run([this, span] {
            world.run_for(span);
            if (while_running) while_running();
            host->stop_host("the test is over");
        });
        after = host->snapshot();
        return status;
    }

    std::uint64_t metric(std::string_view instance, std::string_view name) const {
        return metric_in(after, instance, name);
    }
    /// For `while_running`.
    std::uint64_t metric_now(std::string_view instance, std::string_view name) const {
        return metric_in(host->snapshot(), instance, name);
    }
    static std::uint64_t metric_in(const host_snapshot& snapshot, std::string_view instance, std::string_view name) {
        for (const auto& each : snapshot.instances) {
            if (each.name != instance) continue;
            for (const auto& one : each.metrics) {
                if (one.name == name) return one.value;
            }
        }
        ADD_FAILURE() << "no metric " << name << " of " << instance;
        return 0;
    }
    std::string failure(std::string_view instance) const {
        for (const auto& each : after.instances) {
            if (each.name == instance) return each.failure;
        }
        return "no such instance";
    }
    std::string condition(std::string_view instance) const {
        for (const auto& each : host->snapshot().instances) {
            if (each.name == instance) return each.condition;
        }
        return "no such instance";
    }

    heard_sound heard;
    plan_builder plan;
    simulation world{1};
    std::unique_ptr<host_runtime> host;
    std::function<void()> while_running;
    host_snapshot after;
};

}  // namespace streamhost::audio::test
