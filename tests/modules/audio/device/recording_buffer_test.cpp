#include "recording_buffer.hpp"

#include "sound_stage.hpp"

#include <thread>

namespace streamhost::audio {
namespace {

using test::counting_samples;
using test::samples_of;

constexpr sound_format stereo{8000, 2, sample_format::s16};

TEST(recording_buffer_test, what_was_put_in_comes_out) {
    recording_buffer buffer(stereo, 100);
    const auto samples = counting_samples(40);
    buffer.push(std::as_bytes(std::span(samples)));
    EXPECT_EQ(buffer.held(), 20u);
    auto taken = samples_of<std::int16_t>(buffer.pop(15));
    const auto rest = samples_of<std::int16_t>(buffer.pop(buffer.held()));
    taken.insert(taken.end(), rest.begin(), rest.end());
    EXPECT_EQ(taken, samples);
    EXPECT_EQ(buffer.recorded(), 20);
    EXPECT_EQ(buffer.take_lost(), 0u);
}

TEST(recording_buffer_test, what_finds_no_room_is_counted_and_frames_stay_whole) {
    recording_buffer buffer(stereo, 100);
    const auto samples = counting_samples(2 * 130);
    buffer.push(std::as_bytes(std::span(samples)));
    EXPECT_EQ(samples_of<std::int16_t>(buffer.pop(buffer.held())), counting_samples(200));
    EXPECT_EQ(buffer.take_lost(), 30u);
    EXPECT_EQ(buffer.take_lost(), 0u) << "each is counted once";
    EXPECT_EQ(buffer.recorded(), 130);
}

TEST(recording_buffer_test, between_two_threads_every_sample_passes_once_and_in_order) {
    constexpr int frames = 20'000;
    recording_buffer buffer({8000, 1, sample_format::s16}, frames);
    std::thread device([&] {
        for (int i = 0; i < frames; i += 100) {
            const auto samples = counting_samples(100, static_cast<std::int16_t>(i));
            buffer.push(std::as_bytes(std::span(samples)));
        }
    });
    std::vector<std::int16_t> taken;
    while (taken.size() < frames) {
        const auto more = samples_of<std::int16_t>(buffer.pop(buffer.held()));
        taken.insert(taken.end(), more.begin(), more.end());
    }
    device.join();
    EXPECT_EQ(taken, counting_samples(frames));
}

}  // namespace
}  // namespace streamhost::audio
