#include <streamhost/module.hpp>

#include <boost/json/serialize.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
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

/// For bench/process: how old an answer is when it has arrived, beside what its program says about itself.
class answers final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<answers>("bench.answers", "says at the end how old answers were, and the answers")
            .input<sh::record>("answers", "with the stamps of what they answer");
    }
    explicit answers(sh::module_context& host) : answers_(host.input<sh::record>("answers")) {}

    sh::awaitable<void> run() override {
        std::vector<std::pair<double, std::string>> all;
        for (;;) {
            const auto answer = co_await answers_.next();
            if (!answer) break;
            const auto age_ns = answer.arrived_ns() - answer.header().steady_ns;
            all.emplace_back(static_cast<double>(age_ns) / 1e6, boost::json::serialize(answer->value));
        }
        for (const auto& [age_ms, answer] : all) std::cout << age_ms << ' ' << answer << '\n';
    }

private:
    sh::input<sh::record> answers_;
};

struct jpegs_settings {
    std::string file;
    double fps = 30;
};

/// For bench/datagrams: the same JPEG again and again, so that nothing is spent on making it.
class jpegs final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<jpegs, jpegs_settings>("bench.jpegs", "a picture from a file, again and again")
            .setting("file", &jpegs_settings::file, "a JPEG").required()
            .setting("fps", &jpegs_settings::fps, "pictures a second").range(0.1, 10'000)
            .output<sh::encoded_image>("images", "it");
    }
    jpegs(sh::module_context& host, jpegs_settings chosen)
        : host_(host), chosen_(std::move(chosen)), images_(host.output<sh::encoded_image>("images")) {}

    sh::awaitable<void> run() override {
        std::ifstream file(chosen_.file, std::ios::binary);
        const auto bytes = sh::shared_bytes::adopt(std::string(std::istreambuf_iterator<char>(file), {}));
        auto beat = host_.every(std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / chosen_.fps)));
        for (bool go_on = co_await beat.next(); go_on; go_on = co_await beat.next()) {
            sh::encoded_image image{640, 480, sh::image_codec::jpeg, bytes};
            co_await images_.send(std::move(image));
        }
    }

private:
    sh::module_context& host_;
    jpegs_settings chosen_;
    sh::output<sh::encoded_image> images_;
};

}  // namespace bench

STREAMHOST_MODULES(bench::ages, bench::answers, bench::jpegs)
