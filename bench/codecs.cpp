/// What the bytes of a picture cost on their way: JPEG, and the wires. One thread; `bytes_per_second` counts what the
/// comment says.

#include "jpeg_decoder.hpp"
#include "jpeg_encoder.hpp"
#include "jpeg_header.hpp"
#include "test_pattern.hpp"

#include <streamhost/wire/base64.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace streamhost::video {
namespace {

constexpr int quality = 80;
constexpr std::size_t jpeg_bytes = 32 * 1024;  // a picture of 640x480 from a camera

/// The test picture with a sensor's noise on it, without which it would be far easier than a camera's.
video_frame camera_frame(int width, int height) {
    const auto clean = test_pattern(width, height).draw(1234, std::chrono::hours(12));
    const auto pixels = clean.pixels.span();
    std::vector<std::byte> noisy(pixels.begin(), pixels.end());
    std::minstd_rand engine(1);
    for (auto& each : noisy) {
        const int value = std::to_integer<int>(each) + static_cast<int>(engine() % 9) - 4;
        each = static_cast<std::byte>(std::clamp(value, 0, 255));
    }
    auto frame = clean;
    frame.pixels = shared_bytes::adopt(std::move(noisy));
    return frame;
}

encoded_image camera_jpeg(int width, int height) {
    return jpeg_encoder().encode(camera_frame(width, height), {.quality = quality}).value();
}

shared_bytes whole(const framed::pieces& written) {
    std::string bytes(written.prefix.slice(length_prefix::size, written.prefix.size() - length_prefix::size).as_text());
    return shared_bytes::adopt(bytes.append(written.body.as_text()));
}

shared_bytes whole(const pickle::pieces& written) {
    std::string bytes(written.prefix.as_text());
    return shared_bytes::adopt(bytes.append(written.body.as_text()).append(written.suffix.as_text()));
}

void count_bytes(benchmark::State& state, std::size_t each) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(each));
}

int width_of(const benchmark::State& state) { return static_cast<int>(state.range(0)); }
int height_of(const benchmark::State& state) { return static_cast<int>(state.range(1)); }

void sizes(benchmark::internal::Benchmark* of) {
    of->ArgNames({"", ""})->Args({320, 240})->Args({640, 480})->Args({1280, 720})->Unit(benchmark::kMicrosecond);
}

/// Pixels.
void jpeg_encode(benchmark::State& state) {
    const auto frame = camera_frame(width_of(state), height_of(state));
    jpeg_encoder encoder;
    std::size_t size = 0;
    for (auto _ : state) size = encoder.encode(frame, {.quality = quality}).value().data.size();
    state.counters["jpeg_bytes"] = static_cast<double>(size);
    count_bytes(state, frame.pixels.size());
}
BENCHMARK(jpeg_encode)->Apply(sizes);

/// Pixels.
void jpeg_decode(benchmark::State& state) {
    const auto image = camera_jpeg(width_of(state), height_of(state));
    jpeg_decoder decoder;
    for (auto _ : state) benchmark::DoNotOptimize(decoder.decode(image.data.span()).value().pixels.data());
    count_bytes(state, static_cast<std::size_t>(width_of(state) * height_of(state) * 3));
}
BENCHMARK(jpeg_decode)->Apply(sizes);

/// JPEG.
void jpeg_scan(benchmark::State& state) {
    const auto image = camera_jpeg(width_of(state), height_of(state));
    for (auto _ : state) benchmark::DoNotOptimize(scan_jpeg(image.data.span()).value().width);
    count_bytes(state, image.data.size());
}
BENCHMARK(jpeg_scan)->Apply(sizes);

/// A picture as the tutorials send it; what is read is a slice, so the size does not matter.
void pickle_parse_picture(benchmark::State& state) {
    const auto bytes = whole(pickle::write_array(camera_frame(320, 240)));
    for (auto _ : state) benchmark::DoNotOptimize(pickle::parse(bytes).value().index());
}
BENCHMARK(pickle_parse_picture);

void pickle_write_picture(benchmark::State& state) {
    const auto frame = camera_frame(320, 240);
    for (auto _ : state) benchmark::DoNotOptimize(pickle::write_array(frame).prefix.data());
}
BENCHMARK(pickle_write_picture);

void pickle_parse_line(benchmark::State& state) {
    const auto bytes = whole(pickle::write_str("turn left at the door"));
    for (auto _ : state) benchmark::DoNotOptimize(pickle::parse(bytes).value().index());
}
BENCHMARK(pickle_parse_line);

framed::payload a_jpeg() {
    return encoded_image{640, 480, image_codec::jpeg, shared_bytes::adopt(std::string(jpeg_bytes, 'x'))};
}

void framed_encode(benchmark::State& state) {
    const framed::header head{.sequence = 7};
    const auto content = a_jpeg();
    for (auto _ : state) benchmark::DoNotOptimize(framed::encode(head, content).prefix.data());
}
BENCHMARK(framed_encode);

void framed_decode(benchmark::State& state) {
    const auto bytes = whole(framed::encode({}, a_jpeg()));
    for (auto _ : state) {
        const auto message = framed::decode(bytes);
        benchmark::DoNotOptimize(framed::decode_payload(message.value()).value().index());
    }
}
BENCHMARK(framed_decode);

/// What a relay does with each message: its header is read and written again, one hop further on.
void framed_relay(benchmark::State& state) {
    const auto bytes = whole(framed::encode({}, a_jpeg()));
    for (auto _ : state) {
        const auto message = framed::decode(bytes);
        benchmark::DoNotOptimize(framed::forward(message.value().head, message.value().payload).prefix.data());
    }
}
BENCHMARK(framed_relay);

/// Bytes that are not text.
void base64_encode(benchmark::State& state) {
    const std::string bytes(jpeg_bytes, '\xA5');
    for (auto _ : state) benchmark::DoNotOptimize(base64::encode(std::as_bytes(std::span(bytes))).data());
    count_bytes(state, bytes.size());
}
BENCHMARK(base64_encode);

/// The same bytes.
void base64_decode(benchmark::State& state) {
    const std::string bytes(jpeg_bytes, '\xA5');
    const auto text = base64::encode(std::as_bytes(std::span(bytes)));
    for (auto _ : state) benchmark::DoNotOptimize(base64::decode(text.span()).value().data());
    count_bytes(state, bytes.size());
}
BENCHMARK(base64_decode);

}  // namespace
}  // namespace streamhost::video
