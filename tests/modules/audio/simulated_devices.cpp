#include "simulated_devices.hpp"

#include "sound_stage.hpp"

#include <algorithm>
#include <utility>

namespace streamhost::audio::test {
namespace {

/// What playing and recording have in common: an opening, a beat, an end.
template <class Event>
class simulated_run : public device_run<Event> {
public:
    simulated_run(device_script& script, device_life life, module_context& host, std::function<void()> changed)
        : script_(script), life_(std::move(life)), host_(host), timer_(host.timers()), changed_(std::move(changed)) {
        ++script_.open_runs;
        if (!life_.hangs) timer_.start_after(life_.opens_after, [this] { open(); });
    }
    ~simulated_run() override { --script_.open_runs; }

    std::optional<Event> take() override {
        if (ready_.empty()) return std::nullopt;
        auto event = std::move(ready_.front());
        ready_.pop_front();
        return event;
    }
    void stop(bool play_out) override {
        if (life_.hangs || (play_out && begin_to_play_out())) return;
        ready_.clear();
        end();
    }
    bool ended() const override { return ended_; }

protected:
    virtual Event make_device() = 0;
    virtual void beat() = 0;
    virtual int frames_of_beat() const = 0;
    virtual bool begin_to_play_out() { return false; }

    void report(Event event) {
        ready_.push_back(std::move(event));
        changed_();
    }
    void end() {
        timer_.stop();
        ended_ = true;
        changed_();
    }

    device_script& script_;
    device_life life_;
    module_context& host_;

private:
    void open() {
        if (life_.failure) {
            report(*life_.failure);
            end();
            return;
        }
        opened_ = host_.clock().now();
        report(make_device());
        wait_for_beat();
    }
    void wait_for_beat() {
        const double pace = life_.format.rate * (1 + life_.ppm * 1e-6);
        const std::chrono::duration<double> due(static_cast<double>(++beats_) * frames_of_beat() / pace);
        timer_.start(opened_ + std::chrono::duration_cast<duration>(due), [this] {
            if (host_.clock().now() - opened_ >= life_.lasts) {
                report(device_failure{"it was pulled out"});
                end();
                return;
            }
            beat();
            if (!ended_) wait_for_beat();
        });
    }

    timer timer_;
    std::function<void()> changed_;
    std::deque<Event> ready_;
    steady_time opened_;
    std::int64_t beats_ = 0;
    bool ended_ = false;
};

class simulated_playback final : public simulated_run<playback_event> {
public:
    simulated_playback(device_script& script, device_life life, const playback_request& request, module_context& host,
                       std::function<void()> changed)
        : simulated_run(script, std::move(life), host, std::move(changed)), request_(request) {}

private:
    playback_event make_device() override {
        const auto target = static_cast<std::size_t>(request_.buffer.count() * life_.format.rate / 1000);
        buffer_ = std::make_shared<jitter_buffer>(life_.format, target);
        return playing_device{"simulated", buffer_};
    }
    int frames_of_beat() const override { return life_.period_frames; }
    void beat() override {
        std::vector<std::byte> period(static_cast<std::size_t>(life_.period_frames) * life_.format.frame_bytes());
        buffer_->pull(period, host_.clock().now());
        if (buffer_->played() > 0) script_.heard.insert(script_.heard.end(), period.begin(), period.end());
        if (playing_out_ && buffer_->held() == 0) end();
    }
    bool begin_to_play_out() override {
        playing_out_ = buffer_ != nullptr;
        return playing_out_;
    }

    playback_request request_;
    std::shared_ptr<jitter_buffer> buffer_;
    bool playing_out_ = false;
};

class simulated_recording final : public simulated_run<recording_event> {
public:
    simulated_recording(device_script& script, device_life life, const recording_request& request, module_context& host,
                        std::function<void()> changed)
        : simulated_run(script, std::move(life), host, std::move(changed)), request_(request) {}

private:
    recording_event make_device() override { return recording_device{"simulated", life_.format}; }
    int frames_of_beat() const override { return request_.chunk_frames; }
    void beat() override {
        const auto samples = static_cast<std::size_t>(request_.chunk_frames * request_.format.channels);
        auto block = make_block(request_.format, counting_samples(samples, static_cast<std::int16_t>(sent_)));
        sent_ += samples;
        report(recorded_sound{std::move(block), host_.clock().now(), 0});
    }

    recording_request request_;
    std::size_t sent_ = 0;
};

}  // namespace

simulated_devices::simulated_devices(device_script& script, module_context& host)
    : script_(script), host_(host), started_(host.clock().now()) {}

device_life simulated_devices::next_life(const std::string& name) {
    script_.openings.push_back(host_.clock().now() - started_);
    script_.names.push_back(name);
    if (script_.lives.empty()) return {.failure = device_failure{"no sound device is there"}};
    auto life = std::move(script_.lives.front());
    script_.lives.pop_front();
    return life;
}

std::unique_ptr<device_run<playback_event>> simulated_devices::play(const playback_request& request, const executor&,
                                                                    std::function<void()> changed) {
    return std::make_unique<simulated_playback>(script_, next_life(request.device), request, host_, std::move(changed));
}

std::unique_ptr<device_run<recording_event>> simulated_devices::record(const recording_request& request, const executor&,
                                                                       std::function<void()> changed) {
    return std::make_unique<simulated_recording>(script_, next_life(request.device), request, host_, std::move(changed));
}

}  // namespace streamhost::audio::test
