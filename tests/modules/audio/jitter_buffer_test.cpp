#include "jitter_buffer.hpp"

#include "sound_stage.hpp"

#include <thread>

namespace streamhost::audio {
namespace {

using test::counting_samples;
using test::samples_of;
using ::testing::Each;
using ::testing::ElementsAre;

constexpr sound_format mono{8000, 1, sample_format::s16};

class jitter_buffer_test : public ::testing::Test {
protected:
    void push(std::size_t frames, std::int16_t first = 1) {
        const auto samples = counting_samples(frames, first);
        buffer.push(std::as_bytes(std::span(samples)));
    }
    std::vector<std::int16_t> pull(std::size_t frames) {
        std::vector<std::byte> bytes(frames * 2, std::byte{0x55});
        buffer.pull(bytes, steady_time{});
        return samples_of<std::int16_t>(bytes);
    }

    jitter_buffer buffer{mono, 100};
};

TEST_F(jitter_buffer_test, nothing_is_played_before_the_target_is_held) {
    push(99);
    EXPECT_THAT(pull(10), Each(0));
    push(1, 100);
    EXPECT_EQ(pull(100), counting_samples(100, 1));
    EXPECT_EQ(buffer.silent(), 0u) << "the silence before the first sound is nobody's loss";
    EXPECT_EQ(buffer.underruns(), 0u);
}

TEST_F(jitter_buffer_test, what_is_missing_is_silence_until_the_target_is_held_again) {
    push(100);
    pull(97);
    EXPECT_THAT(pull(5), ElementsAre(98, 99, 100, 0, 0));
    EXPECT_EQ(buffer.underruns(), 1u);
    push(50);
    EXPECT_THAT(pull(5), Each(0));
    EXPECT_EQ(buffer.underruns(), 1u) << "it is the same one";
    push(50, 51);
    EXPECT_EQ(pull(5), counting_samples(5, 1));
    EXPECT_EQ(buffer.silent(), 7u);
    EXPECT_EQ(buffer.played(), 105u);
    EXPECT_EQ(buffer.pulled(), 112);
}

TEST_F(jitter_buffer_test, the_end_is_played_however_little_it_is) {
    push(3);
    buffer.finish();
    EXPECT_THAT(pull(5), ElementsAre(1, 2, 3, 0, 0));
    EXPECT_THAT(pull(5), Each(0));
    EXPECT_EQ(buffer.underruns(), 0u);
    EXPECT_EQ(buffer.silent(), 0u);
}

TEST_F(jitter_buffer_test, it_has_room_for_its_limit) {
    EXPECT_EQ(buffer.limit(), 2248u);
    EXPECT_EQ(buffer.room(), 2248u);
    push(2000);
    EXPECT_EQ(buffer.room(), 248u);
    EXPECT_EQ(buffer.held(), 2000u);
    pull(1000);
    EXPECT_EQ(buffer.held(), 1000u);
}

TEST_F(jitter_buffer_test, the_lane_learns_when_the_device_took_how_much) {
    EXPECT_FALSE(buffer.next_position());
    std::vector<std::byte> bytes(20);
    buffer.pull(bytes, steady_time{std::chrono::seconds(1)});
    buffer.pull(bytes, steady_time{std::chrono::seconds(2)});
    EXPECT_EQ(buffer.next_position()->frames, 10);
    const auto second = buffer.next_position();
    EXPECT_EQ(second->at, steady_time{std::chrono::seconds(2)});
    EXPECT_EQ(second->frames, 20);
    EXPECT_FALSE(buffer.next_position());
    for (int i = 0; i < 1000; ++i) pull(1);  // a lane that looks away costs nothing but knowledge
}

TEST_F(jitter_buffer_test, between_two_threads_every_sample_passes_once_and_in_order) {
    constexpr int total = 20'000;
    std::thread device([this] {
        int next = 0;
        while (next < total) {
            for (const auto sample : pull(64)) {
                if (sample == 0) continue;
                ASSERT_EQ(sample, static_cast<std::int16_t>(1 + next % 30'000));
                ++next;
            }
        }
    });
    for (int sent = 0; sent < total; sent += 100) {
        while (buffer.room() < 100) std::this_thread::yield();
        push(100, static_cast<std::int16_t>(1 + sent));
    }
    buffer.finish();
    device.join();
    EXPECT_EQ(buffer.played(), static_cast<std::uint64_t>(total));
}

}  // namespace
}  // namespace streamhost::audio
