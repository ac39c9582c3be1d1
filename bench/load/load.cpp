// bench_load: see its help.
#include "crowd.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <exception>
#include <map>

namespace {

constexpr const char* summary =
    "Opens many viewers of one stream on 127.0.0.1, measures what each of them gets, and prints that as JSON.\n"
    "\n"
    "The frames are those of bench_source: each has a stamp inside. Counted are distinct frames. `held`: 95 % of the steady\n"
    "viewers got 98.3 % of the source's frames. `age_ms`: from the stamp to the last byte. `missed`: numbers that were left\n"
    "out. `torn`: frames that did not end as the first one did. `first_frame_ms`: from connect to the whole first frame.\n"
    "`fresh_ms`: from the end of a pause to the first frame made after that.\n";

constexpr const char* examples =
    "Example:\n"
    "  bench_source --wire length --port 7001 &\n"
    "  bench_floor --upstream 7001 --port 7002 & bench_load --port 7002 --viewers 100 --server $!\n";

}  // namespace

int main(int count, char** words) {
    bench::crowd_options chosen;
    const std::map<std::string, bench::wire> wires{{"length", bench::wire::length},
                                                   {"framed", bench::wire::framed},
                                                   {"http", bench::wire::http},
                                                   {"rtmp", bench::wire::rtmp}};
    CLI::App app(summary, "bench_load");
    app.footer(examples);
    app.add_option("--port", chosen.port, "The server's")->required();
    app.add_option("--wire", chosen.kind, "length (u64 and so many bytes), framed, http, rtmp")
        ->transform(CLI::CheckedTransformer(wires).description(""))
        ->type_name("WIRE");
    app.add_option("--path", chosen.path, "What is asked for: /path with http, app/stream with rtmp");
    app.add_option("--viewers", chosen.viewers, "How many")->capture_default_str();
    app.add_option("--connect-pause", chosen.connect_pause_ms, "Milliseconds from one to the next")->capture_default_str();
    app.add_option("--warm-up", chosen.warm_up_s, "Seconds")->capture_default_str();
    app.add_option("--seconds", chosen.seconds, "How long it is measured")->capture_default_str();
    app.add_option("--fps", chosen.fps, "Of the source")->capture_default_str();
    app.add_option("--frame-bytes", chosen.frame_bytes, "Content of a frame")->capture_default_str();
    app.add_option("--slow", chosen.slow_share, "Share of the viewers that read slowly");
    app.add_option("--slow-rate", chosen.slow_rate, "How slowly: bytes a second")->capture_default_str();
    app.add_option("--pausing", chosen.pausing_share, "Share that reads nothing for 8 s in every 20");
    app.add_option("--stopped", chosen.stopped_share, "Share that stops reading when the measurement begins");
    app.add_option("--joiners", chosen.joiners, "Further viewers that join within one second of the measurement");
    app.add_option("--late", chosen.late, "Further viewers that join one after the other when it is over");
    app.add_option("--server", chosen.servers, "Process whose use of the machine is measured; several: their sum")
        ->type_name("PID");
    CLI11_PARSE(app, count, words);
    try {
        bench::raise_descriptor_limit();
        std::puts(boost::json::serialize(bench::crowd(chosen).run()).c_str());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench_load: %s\n", e.what());
        return 1;
    }
    return 0;
}
