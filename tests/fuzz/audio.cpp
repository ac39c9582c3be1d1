// Any bytes as sound from elsewhere: a pickle, a framed message, or a file. The first byte chooses which, and for a pickle
// the format that both sides are set to. What is read keeps the contract of an audio block, and is played on a device of
// another format.
#include "playout.hpp"
#include "received_sound.hpp"
#include "setting_ranges.hpp"
#include "sound_file.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/result.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <memory>
#include <vector>

namespace sh = streamhost;
namespace audio = streamhost::audio;

namespace {

constexpr int longest_read = 4096;
constexpr int most_reads = 16;

void check(const sh::audio_block& block) {
    STREAMHOST_ASSERT(block.rate > 0 && block.rate <= audio::highest_rate);
    STREAMHOST_ASSERT(block.channels > 0 && block.channels <= audio::most_channels);
    STREAMHOST_ASSERT(!block.samples.empty() && block.samples.size() % block.frame_bytes() == 0);
}

void play(const sh::audio_block& block) {
    const audio::sound_format device{48000, 2, sh::sample_format::s16};
    const auto from = audio::format_of(block);
    if (!audio::sound_converter::takes(from, device)) return;
    const auto buffer = std::make_shared<audio::jitter_buffer>(device, 480);
    audio::playout player(from, buffer);
    std::vector<std::byte> period(4800 * device.frame_bytes());
    auto rest = block.samples.span().first(std::min(block.samples.size(), longest_read * block.frame_bytes()));
    for (sh::steady_time now{}; !rest.empty(); now += std::chrono::milliseconds(100)) {
        player.note_arrival(now, rest.size() / block.frame_bytes());
        rest = rest.subspan(player.feed(rest) * block.frame_bytes());
        buffer->pull(period, now);
    }
    while (!player.finish()) buffer->pull(period, sh::steady_time{});
}

void take(audio::received_sound sound) {
    if (!sound.block) return;
    STREAMHOST_ASSERT(sound.end.empty());
    check(*sound.block);
    play(*sound.block);
}

sh::shared_bytes copy_of(std::span<const std::byte> bytes) {
    return sh::shared_bytes::adopt(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

void take_pickle(std::span<const std::byte> bytes, const audio::sound_format& format) {
    const auto value = sh::pickle::parse(copy_of(bytes));
    if (value) take(audio::read_sound(*value, format));
}

void take_framed(std::span<const std::byte> bytes) {
    const auto message = sh::framed::decode(copy_of(bytes));
    if (message) take(audio::read_sound(*message));
}

void take_file(std::span<const std::byte> bytes) {
    const int descriptor = ::memfd_create("sound", MFD_CLOEXEC);
    STREAMHOST_ASSERT(::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    try {
        audio::sound_file file("/proc/self/fd/" + std::to_string(descriptor));
        for (int i = 0; i < most_reads; ++i) {
            const auto block = file.read(longest_read);
            if (block.samples.empty()) break;
            check(block);
            STREAMHOST_ASSERT(block.frames() <= longest_read);
        }
    } catch (const sh::configuration_error&) {
        // What is no sound is refused so.
    }
    ::close(descriptor);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
    switch (data[0] % 4) {
        case 0: take_pickle(bytes, {44100, 2, sh::sample_format::s16}); break;
        case 1: take_pickle(bytes, {8000, 6, sh::sample_format::f32}); break;
        case 2: take_framed(bytes); break;
        case 3: take_file(bytes); break;
    }
    return 0;
}
