#include "playout.hpp"

#include "sound_measures.hpp"
#include "sound_stage.hpp"
#include "tone_generator.hpp"

#include <cmath>
#include <functional>
#include <numbers>
#include <random>

namespace streamhost::audio {
namespace {

using namespace std::chrono_literals;
using test::longest_silence;
using test::samples_of;

constexpr steady_time start{1h};
constexpr double tone_frequency = 440;
constexpr double tone_level = 0.5;

/// A source and a device, each with a clock of its own, and a playout between them.
class simulated_playing {
public:
    struct options {
        sound_format source{44100, 1, sample_format::s16};
        sound_format device{44100, 1, sample_format::s16};
        double source_ppm = 0;  ///< how much faster than it says
        double device_ppm = 0;
        int block_frames = 1024;
        int period_frames = 512;      ///< what the device takes at once
        std::size_t target_ms = 100;
        double most_late_ms = 0;      ///< by which blocks are late, at random
    };

    explicit simulated_playing(options chosen)
        : chosen_(chosen),
          buffer_(std::make_shared<jitter_buffer>(chosen.device,
                                                  chosen.target_ms * static_cast<std::size_t>(chosen.device.rate) / 1000)),
          playout_(chosen.source, buffer_),
          tone_(samples_of<std::byte>(
              tone_generator(chosen.source, tone_frequency, tone_level).next(2 * chosen.source.rate).samples.span())) {}

    void run_for(double seconds) {
        end_ += seconds;
        while (std::min(next_block_, next_period_) < end_) {
            if (next_block_ < next_period_) {
                send_block();
            } else {
                take_period();
            }
        }
    }

    jitter_buffer& buffer() { return *buffer_; }
    const playout& player() const { return playout_; }
    const std::vector<std::byte>& sent() const { return sent_; }
    /// From the first sound on.
    const std::vector<std::byte>& heard() const { return heard_; }
    std::size_t least_held() const { return least_held_; }
    std::size_t most_held() const { return most_held_; }
    bool silence_of_source = false;  ///< while it is silent, its sound is lost

private:
    static steady_time at(double seconds) {
        return start + std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds));
    }

    void send_block() {
        if (!silence_of_source) {
            const auto frames = static_cast<std::size_t>(chosen_.block_frames);
            const auto frame_bytes = chosen_.source.frame_bytes();
            const auto begin = static_cast<std::size_t>(blocks_ * chosen_.block_frames % chosen_.source.rate);
            const auto bytes = std::span(tone_).subspan(begin * frame_bytes, frames * frame_bytes);
            sent_.insert(sent_.end(), bytes.begin(), bytes.end());
            playout_.note_arrival(at(next_block_), frames);
            ASSERT_EQ(playout_.feed(bytes), frames) << "after " << next_block_ << " s";
        }
        ++blocks_;
        const double pace = chosen_.source.rate * (1 + chosen_.source_ppm * 1e-6);
        const double due = static_cast<double>(blocks_) * chosen_.block_frames / pace;
        next_block_ = std::max(next_block_, due + late_(random_) * chosen_.most_late_ms / 1000);
    }

    void take_period() {
        std::vector<std::byte> period(static_cast<std::size_t>(chosen_.period_frames) * chosen_.device.frame_bytes());
        const auto before = buffer_->played();
        buffer_->pull(period, at(next_period_));
        if (before > 0 || buffer_->played() > 0) heard_.insert(heard_.end(), period.begin(), period.end());
        if (next_period_ > 5) {
            least_held_ = std::min(least_held_, buffer_->held());
            most_held_ = std::max(most_held_, buffer_->held());
        }
        ++periods_;
        next_period_ = static_cast<double>(periods_) * chosen_.period_frames /
                       (chosen_.device.rate * (1 + chosen_.device_ppm * 1e-6));
    }

    options chosen_;
    std::shared_ptr<jitter_buffer> buffer_;
    playout playout_;
    std::vector<std::byte> tone_;  ///< two seconds; after each it is the same again
    std::mt19937 random_{1};
    std::uniform_real_distribution<double> late_{0, 1};
    std::vector<std::byte> sent_, heard_;
    std::int64_t blocks_ = 0, periods_ = 0;
    double next_block_ = 0, next_period_ = 0.001, end_ = 0;
    std::size_t least_held_ = 1'000'000, most_held_ = 0;
};

/// The largest difference between neighbours in one channel of 16 bits.
/// The tone begins suddenly, which rings for a moment where it is resampled.
int largest_step(const std::vector<std::byte>& bytes, int channels) {
    const auto samples = samples_of<std::int16_t>(bytes);
    int largest = 0;
    const auto stride = static_cast<std::size_t>(channels);
    for (std::size_t i = 1000 * stride; i < samples.size(); ++i) {
        largest = std::max(largest, std::abs(samples[i] - samples[i - stride]));
    }
    return largest;
}

int steepest(int rate) {
    return static_cast<int>(std::ceil(tone_level * 32768 * 2 * std::numbers::pi * tone_frequency / rate)) + 2;
}

class skew_test : public ::testing::TestWithParam<double> {};

INSTANTIATE_TEST_SUITE_P(ppm, skew_test, ::testing::Values(200.0, -200.0),
                         [](const auto& parameter) { return parameter.param > 0 ? "faster" : "slower"; });

TEST_P(skew_test, ten_minutes_pass_without_a_gap_or_a_step) {
    simulated_playing playing({.source_ppm = GetParam()});
    playing.run_for(600);
    EXPECT_EQ(playing.buffer().underruns(), 0u);
    EXPECT_EQ(playing.buffer().silent(), 0u);
    EXPECT_EQ(playing.player().skipped(), 0u);
    EXPECT_LE(longest_silence(playing.heard(), 2), 1u);
    EXPECT_LE(largest_step(playing.heard(), 1), steepest(44100));
    EXPECT_NEAR(playing.player().drift()->drift, GetParam() * 1e-6, 5e-6);
    EXPECT_TRUE(playing.player().resamples());
    EXPECT_GT(playing.least_held(), 441u) << "never near its end";
    EXPECT_LT(playing.most_held(), 2 * playing.buffer().target()) << "nor late";
}

TEST_P(skew_test, ten_minutes_with_trembling_packets_and_another_rate_pass_too) {
    const sound_format device{48000, 1, sample_format::s16};
    simulated_playing playing({.device = device,
                               .source_ppm = GetParam() * 0.6,
                               .device_ppm = -GetParam() * 0.4,
                               .period_frames = 1024,
                               .most_late_ms = 20});
    playing.run_for(600);
    EXPECT_EQ(playing.buffer().underruns(), 0u);
    EXPECT_EQ(playing.player().skipped(), 0u);
    EXPECT_LE(largest_step(playing.heard(), 1), steepest(48000));
    EXPECT_NEAR(playing.player().drift()->drift, GetParam() * 1e-6, 30e-6);
    EXPECT_NEAR(playing.player().speed(), 1 + GetParam() * 1e-6, 130e-6);
}

TEST(playout_test, blocks_and_periods_of_one_length_beat_against_each_other_and_drift_is_still_seen) {
    simulated_playing playing({.source_ppm = 100, .block_frames = 1024, .period_frames = 1024});
    playing.run_for(300);
    EXPECT_EQ(playing.buffer().underruns(), 0u);
    EXPECT_NEAR(playing.player().drift()->drift, 100e-6, 5e-6);
    EXPECT_TRUE(playing.player().resamples());
}

TEST_P(skew_test, ten_minutes_inside_the_dead_band_pass_bit_by_bit) {
    simulated_playing playing({.source_ppm = GetParam() / 5, .most_late_ms = 10});
    playing.run_for(600);
    EXPECT_FALSE(playing.player().resamples());
    ASSERT_LE(playing.heard().size(), playing.sent().size());
    EXPECT_TRUE(std::ranges::equal(playing.heard(), std::span(playing.sent()).first(playing.heard().size())));
}

TEST(playout_test, a_pause_of_the_source_is_silence_and_then_as_before) {
    simulated_playing playing({});
    playing.run_for(30);
    playing.silence_of_source = true;
    playing.run_for(3);
    playing.silence_of_source = false;
    playing.run_for(60);
    EXPECT_EQ(playing.buffer().underruns(), 1u);
    EXPECT_NEAR(static_cast<double>(playing.buffer().silent()), 3 * 44100, 4410 + 2048);
    EXPECT_FALSE(playing.player().resamples()) << "a pause is no drift";
    EXPECT_EQ(playing.player().skipped(), 0u);
}

TEST(playout_test, sound_that_is_held_without_need_is_left_out_after_a_while) {
    const sound_format format{44100, 1, sample_format::s16};
    const auto buffer = std::make_shared<jitter_buffer>(format, 4410);
    playout player(format, buffer);
    tone_generator tone(format, 440, 0.5);
    auto now = start;
    const auto send = [&](std::int64_t frames) {
        const auto block = tone.next(frames);
        player.note_arrival(now, block.frames());
        EXPECT_EQ(player.feed(block.samples.span()), block.frames());
    };
    send(4410 + 4410);  // a burst: twice as much as is wanted
    std::vector<std::byte> period(441 * 2);
    for (int i = 0; i < 1200; ++i) {
        now += 10ms;
        buffer->pull(period, now);
        send(441);
    }
    EXPECT_NEAR(static_cast<double>(player.skipped()), 4410, 500);
    EXPECT_NEAR(static_cast<double>(buffer->held()), 4410, 500);
    EXPECT_EQ(buffer->underruns(), 0u);
}

TEST(playout_test, a_source_that_waits_for_room_loses_nothing) {
    const sound_format format{44100, 1, sample_format::s16};
    const auto buffer = std::make_shared<jitter_buffer>(format, 4410);
    playout player(format, buffer);
    std::vector<std::byte> sent, heard, period(441 * 2);
    tone_generator tone(format, 440, 0.5);
    auto now = start;
    for (int i = 0; i < 2000; ++i) {
        const auto block = tone.next(1024);
        player.note_arrival(now, block.frames());
        auto rest = block.samples.span();
        sent.insert(sent.end(), rest.begin(), rest.end());
        for (;;) {
            rest = rest.subspan(player.feed(rest) * 2);
            if (rest.empty()) break;
            player.note_held_back();
            now += 10ms;
            buffer->pull(period, now);
            heard.insert(heard.end(), period.begin(), period.end());
        }
    }
    EXPECT_EQ(player.skipped(), 0u);
    EXPECT_FALSE(player.resamples());
    EXPECT_TRUE(std::ranges::equal(heard, std::span(sent).first(heard.size())));
}

TEST(playout_test, the_end_comes_out_whole) {
    const sound_format source{44100, 1, sample_format::s16}, device{48000, 1, sample_format::s16};
    const auto buffer = std::make_shared<jitter_buffer>(device, 960);
    playout player(source, buffer);
    tone_generator tone(source, 440, 0.5);
    EXPECT_EQ(player.feed(tone.next(1000).samples.span()), 1000u);
    EXPECT_TRUE(player.finish());
    std::vector<std::byte> period(2000 * 2);
    buffer->pull(period, start);
    EXPECT_NEAR(static_cast<double>(buffer->played()), 1000 * 48.0 / 44.1, 2);
}

TEST(playout_test, a_source_of_any_rate_finds_room_in_the_shortest_buffer) {
    for (const int rate : {1000, 8000, 192'000, 768'000}) {
        SCOPED_TRACE(rate);
        const sound_format source{rate, 1, sample_format::f32}, device{48000, 8, sample_format::f32};
        const auto buffer = std::make_shared<jitter_buffer>(device, 1);
        playout player(source, buffer);
        const auto block = tone_generator(source, 100, 0.5).next(rate / 10);
        auto rest = block.samples.span();
        std::vector<std::byte> period(480 * device.frame_bytes());
        for (int i = 0; i < 100 && !rest.empty(); ++i) {
            rest = rest.subspan(player.feed(rest) * source.frame_bytes());
            buffer->pull(period, start);
        }
        EXPECT_TRUE(rest.empty());
    }
}

}  // namespace
}  // namespace streamhost::audio
