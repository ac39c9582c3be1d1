#include <streamhost/module.hpp>

#include <chrono>
#include <cstring>
#include <iostream>
#include <vector>

/// Modules for the benchmarks only.
namespace bench {

namespace sh = streamhost;

/// For bench/latency: how old pictures are when they have arrived whole in their viewer's host.
class ages final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<ages>("bench.ages", "says at the end how old pictures were when they arrived")
            .input<sh::video_frame>("frames", "stamped on this machine");
    }
    explicit ages(sh::module_context& host) : frames_(host.input<sh::video_frame>("frames")) {}

    sh::awaitable<void> run() override {
        std::vector<double> ms;
        for (;;) {
            const auto frame = co_await frames_.next();
            if (!frame) break;
            ms.push_back(static_cast<double>(frame.arrived_ns() - frame.header().steady_ns) / 1e6);
        }
        for (const double age : ms) std::cout << age << '\n';
    }

private:
    sh::input<sh::video_frame> frames_;
};

/// For bench/relay: pictures of 320x240, 30 a second, with the steady clock in a bar.
class stamped final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<stamped>("bench.stamped", "pictures that say when they were made")
            .output<sh::video_frame>("frames", "the steady clock in units of 100 us, 32 blocks at 7/8 of the height");
    }
    explicit stamped(sh::module_context& host) : host_(host), frames_(host.output<sh::video_frame>("frames")) {}

    sh::awaitable<void> run() override {
        auto beat = host_.every(std::chrono::nanoseconds(std::chrono::seconds(1)) / 30);
        for (bool go_on = co_await beat.next(); go_on; go_on = co_await beat.next()) {
            auto frame = draw();
            co_await frames_.send(std::move(frame));
        }
    }

private:
    static constexpr std::size_t width = 320, height = 240, row = width * 3;

    sh::video_frame draw() const {
        std::vector<std::byte> pixels(row * height, std::byte{128});
        const auto stamp = static_cast<std::uint32_t>(host_.clock().steady_ns() / 100'000);
        for (std::size_t i = 0; i < 32; ++i) {
            const auto value = (stamp >> (31 - i) & 1) != 0 ? 255 : 0;
            for (std::size_t y = height * 400 / 480; y < height * 440 / 480; ++y) {
                std::memset(pixels.data() + y * row + i * row / 32, value, row / 32);
            }
        }
        return {width, height, sh::pixel_format::bgr8, sh::shared_bytes::adopt(std::move(pixels))};
    }

    sh::module_context& host_;
    sh::output<sh::video_frame> frames_;
};

}  // namespace bench

STREAMHOST_MODULES(bench::ages, bench::stamped)
