// bench_source: see its help.
#include "outlet.hpp"

#include <CLI/CLI.hpp>

#include <time.h>

#include <cstdio>
#include <exception>

namespace {

constexpr const char* summary =
    "Makes frames that carry the time at which they were made, at a steady rate, for one server that hands them on.\n"
    "A frame is a JPEG of the given size, or with --picture the pixels of a picture. The stamp is text in its content:\n"
    "TSNS=, the steady clock in nanoseconds, #, the frame's number.\n";

constexpr std::int64_t second = 1'000'000'000;

void sleep_until(std::int64_t ns) {
    const timespec when{ns / second, ns % second};
    ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr);
}

[[noreturn]] void play(bench::outlet& to, bench::stamped_content frame, double fps) {
    const auto period = static_cast<std::int64_t>(1e9 / fps);
    std::uint64_t number = 0;
    for (;;) {
        to.open();
        auto next = bench::now_ns();
        do {
            next += period;
            sleep_until(next);
            if (bench::now_ns() - next > second) next = bench::now_ns();  // it was held back: no burst
            const bench::stamp made{bench::now_ns(), ++number};
            frame.set(made);
            if (!to.send(frame, made)) break;
        } while (true);
    }
}

}  // namespace

int main(int count, char** words) {
    bench::outlet_options chosen;
    std::string picture;
    std::size_t bytes = 32'768;
    double fps = 30;
    CLI::App app(summary, "bench_source");
    app.add_option("--wire", chosen.kind, "length, pickle, framed, parts: serves one viewer; icecast, rtmp: publishes")
        ->check(CLI::IsMember({"length", "pickle", "framed", "parts", "icecast", "rtmp"}))
        ->capture_default_str();
    app.add_option("--port", chosen.port, "To serve at (0: any, it says which) or to publish to")->capture_default_str();
    app.add_option("--bytes", bytes, "Of a JPEG")->capture_default_str();
    app.add_option("--picture", picture, "Pixels instead, three bytes each")->type_name("WIDTHxHEIGHT");
    app.add_option("--fps", fps, "Frames a second")->capture_default_str();
    app.add_option("--path", chosen.path, "/mount with icecast, app/stream with rtmp");
    app.add_option("--password", chosen.password, "With icecast");
    CLI11_PARSE(app, count, words);
    try {
        chosen.raw = !picture.empty();
        chosen.size = {8, 8};
        if (chosen.raw && std::sscanf(picture.c_str(), "%zux%zu", &chosen.size.width, &chosen.size.height) != 2) {
            throw std::runtime_error("--picture: expected WIDTHxHEIGHT, such as 320x240");
        }
        const auto to = bench::make_outlet(chosen);
        play(*to,
             chosen.raw ? bench::stamped_content::picture(chosen.size.width, chosen.size.height)
                        : bench::stamped_content::jpeg(bytes),
             fps);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench_source: %s\n", e.what());
        return 1;
    }
}
