#include "support/raw_peer.hpp"
#include "support/running_host.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sys/stat.h>

#include <csignal>
#include <memory>

namespace streamhost::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Pictures and a tone at a console, whose other settings are `more`.
std::string shown(std::string_view more = "", std::string_view modules = "", std::string_view links = "") {
    return fmt::format(R"({{
  "name": "shown",
  "modules": {{
    "pattern": {{ "type": "video.test_pattern", "width": 128, "height": 96, "fps": 20 }},
    "camera": {{ "type": "video.encode" }},
    "mic": {{ "type": "audio.tone", "rate": 8000, "channels": 1 }},
    "machine": {{ "type": "sensor.system", "period": "200ms" }},
    "web": {{ "type": "web.console", "listen": "127.0.0.1:0"{} }}{}
  }},
  "links": ["pattern -> camera -> web.images", "mic -> web.audio", "machine -> web.records"{}]
}})",
                       more, modules, links);
}

/// A console in the real program, and the programs of others as its viewers.
class console_test : public ::testing::Test {
protected:
    void start(std::string_view topology) {
        host = std::make_unique<running_host>(folder, "host", topology);
        ASSERT_TRUE(host->wait_ready()) << host->log();
    }
    std::string url(std::string_view path, std::string_view user = "") const {
        return fmt::format("http://{}{}{}", user, host->address("web"), path);
    }
    finished_program run(std::vector<std::string> command) {
        return run_program(folder, {.command = std::move(command), .environment = {}});
    }
    finished_program curl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "20"});
        return run(std::move(arguments));
    }
    /// Until there is a picture and a sound.
    void wait_for_media() {
        EXPECT_TRUE(folder.wait([&] {
            return curl({"-o", "/dev/null", "-w", "%{http_code}", url("/streams/camera.jpg")}).out == "200" &&
                   curl({"-I", "-o", "/dev/null", "-w", "%{http_code}", url("/streams/mic.wav")}).out == "200";
        })) << host->log();
    }
    struct answer {
        int status = 0;
        json::object body;
    };
    answer post(std::string_view path, std::string_view body) {
        const auto file = folder.write("body", body);
        const auto said = curl({"-X", "POST", "--data-binary", "@" + file.string(), "-w", "\n%{http_code}", url(path)});
        const auto line = said.out.rfind('\n');
        EXPECT_NE(line, std::string::npos) << said.log;
        if (line == std::string::npos) return {};
        return {std::stoi(said.out.substr(line + 1)), json::parse(said.out.substr(0, line)).as_object()};
    }
    static std::string text_of(const answer& of) { return std::string(of.body.at("text").as_string()); }

    scratch_folder folder;
    std::unique_ptr<running_host> host;
};

TEST_F(console_test, curl_takes_the_page_a_picture_and_the_stream) {
    start(shown());
    wait_for_media();
    const auto page = curl({"-D", "-", url("/")});
    EXPECT_THAT(page.out, AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Content-Security-Policy: default-src 'self'")));
    const auto picture = curl({url("/streams/camera.jpg")});
    EXPECT_THAT(picture.out, StartsWith("\xFF\xD8\xFF"));
    EXPECT_EQ(picture.out.substr(picture.out.size() - 2), "\xFF\xD9");
    const auto stream = run({"sh", "-c", fmt::format("curl -sSN --max-time 20 '{}' | head -c 20000", url("/streams/camera.mjpeg"))});
    EXPECT_THAT(stream.out, AllOf(StartsWith("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: "), HasSubstr("\r\n--frame\r\nContent-Type")));
    EXPECT_EQ(curl({url("/healthz")}).out, "ok\n");
    EXPECT_EQ(curl({url("/readyz")}).out, "ready\n");
    host->send(SIGTERM);
    EXPECT_EQ(host->wait(), exits_with(0)) << host->log();
}

TEST_F(console_test, ffprobe_knows_what_the_streams_are) {
    start(shown());
    wait_for_media();
    const auto video = run({"ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "default=nk=1:nw=1", url("/streams/camera.mjpeg")});
    EXPECT_EQ(video.out, "mjpeg\n128\n96\n") << video.log;
    const auto sound = run({"ffprobe", "-v", "error", "-show_entries", "stream=codec_name,sample_rate,channels", "-of", "default=nk=1:nw=1", url("/streams/mic.wav")});
    EXPECT_EQ(sound.out, "pcm_s16le\n8000\n1\n") << sound.log;
}

TEST_F(console_test, OpenCV_reads_moving_pictures) {
    start(shown());
    wait_for_media();
    const auto* const script = R"(
import sys, cv2
capture = cv2.VideoCapture(sys.argv[1])
frames = [capture.read() for _ in range(10)]
print(all(good for good, _ in frames), frames[0][1].shape, (frames[0][1] != frames[-1][1]).any())
)";
    const auto said = run({"/usr/bin/python3", "-c", script, url("/streams/camera.mjpeg")});
    EXPECT_EQ(said.out, "True (96, 128, 3) True\n") << said.log;
}

TEST_F(console_test, promtool_has_nothing_to_say_about_the_metrics) {
    start(shown());
    wait_for_media();
    const auto metrics = curl({url("/metrics")});
    EXPECT_THAT(metrics.out, HasSubstr("streamhost_link_delivered_total{from=\"pattern.frames\",to=\"camera.frames\"}"));
    const auto file = folder.write("metrics", metrics.out);
    const auto said = run({"sh", "-c", fmt::format("'{}' check metrics <'{}'", STREAMHOST_PROMTOOL, file.string())});
    EXPECT_EQ(said.end, exits_with(0)) << said.log << said.out;
    EXPECT_EQ(said.out + said.log, "");
}

TEST_F(console_test, with_a_token_in_the_URL_players_are_let_in) {
    const auto token = folder.write("token", "0123456789abcdef0123456789abcdef\n");
    ::chmod(token.c_str(), 0600);
    start(shown(fmt::format(R"(, "auth": "{}")", token.string())));
    EXPECT_EQ(curl({"-o", "/dev/null", "-w", "%{http_code}", url("/streams/camera.jpg")}).out, "401");
    const auto* const user = "x:0123456789abcdef0123456789abcdef@";
    EXPECT_TRUE(folder.wait([&] { return curl({"-o", "/dev/null", "-w", "%{http_code}", url("/streams/camera.jpg", user)}).out == "200"; }));
    const auto video = run({"ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "default=nk=1:nw=1", url("/streams/camera.mjpeg", user)});
    EXPECT_EQ(video.out, "mjpeg\n") << video.log;
    EXPECT_THAT(host->log(), Not(HasSubstr("0123456789abcdef")));
}

TEST_F(console_test, a_token_file_that_others_may_read_stops_the_start) {
    const auto token = folder.write("token", "0123456789abcdef0123456789abcdef\n");
    ::chmod(token.c_str(), 0644);
    running_host open(folder, "open", shown(fmt::format(R"(, "auth": "{}")", token.string())));
    EXPECT_EQ(open.wait(), exits_with(1));
    EXPECT_THAT(open.log(), HasSubstr("chmod 600"));
}

TEST_F(console_test, beyond_loopback_it_asks_for_allow_or_auth) {
    const auto file = folder.write("open.json", R"({"modules": {"web": {"type": "web.console", "listen": "0.0.0.0:0"}}})");
    const auto refused = run_streamhost(folder, {"check", file});
    EXPECT_EQ(refused.end, exits_with(2));
    EXPECT_THAT(refused.out + refused.log, HasSubstr(R"(add "allow": ["192.168.1.0/24"], or "auth")"));
    const auto with_token = folder.write("token.json", R"({"modules": {"web": {"type": "web.console", "listen": "0.0.0.0:0", "auth": "token"}}})");
    EXPECT_EQ(run_streamhost(folder, {"check", with_token}).out, "ok\n");
}

TEST_F(console_test, another_topology_is_planned_refused_run_and_saved) {
    start(shown());
    const auto current = json::parse(curl({url("/api/topology")}).out);
    EXPECT_EQ(current.at("text").as_string(), shown());
    EXPECT_EQ(current.at("settings").at("mic").at("rate").to_number<int>(), 8000);

    const auto slower = [](std::string text) { return text.replace(text.find("\"fps\": 20"), 9, "\"fps\": 10"); }(shown());
    const auto plan = post("/api/plan", slower);
    EXPECT_EQ(plan.status, 200);
    EXPECT_EQ(plan.body.at("good").as_bool(), true);
    EXPECT_THAT(text_of(plan), HasSubstr("pattern: adjusted (fps: 20 -> 10)"));

    const auto wrong = post("/api/reload?save=1", R"({"modules": {"web": {"type": "web.consol"}}})");
    EXPECT_EQ(wrong.status, 422);
    EXPECT_THAT(text_of(wrong), AllOf(HasSubstr("host.json:1:"), HasSubstr("did you mean `web.console`?")));
    EXPECT_EQ(read_file(folder / "host.json"), shown()) << "what is wrong is not saved";

    const auto saved = post("/api/reload?save=1", slower);
    EXPECT_EQ(saved.status, 200) << text_of(saved);
    EXPECT_THAT(text_of(saved), HasSubstr("saved in "));
    EXPECT_EQ(read_file(folder / "host.json"), slower);
    EXPECT_EQ(json::parse(curl({url("/api/topology")}).out).at("text").as_string(), slower);

    folder.write("host.json", shown());
    const auto again = post("/api/reload", "");
    EXPECT_EQ(again.status, 200);
    EXPECT_THAT(text_of(again), HasSubstr("pattern: adjusted (fps: 10 -> 20)"));
}

TEST_F(console_test, a_reload_that_replaces_the_console_is_answered_by_the_one_that_goes) {
    start(shown());
    const auto port = host->port("web");
    for (const auto* title : {"one", "two"}) {
        const auto said = post("/api/reload", shown(fmt::format(R"(, "title": "{}")", title)));
        EXPECT_EQ(said.status, 200);
        EXPECT_EQ(said.body.at("good").as_bool(), true) << text_of(said) << host->log();
        EXPECT_THAT(text_of(said), HasSubstr("web: replaced"));
        EXPECT_EQ(host->port("web"), port);
        EXPECT_EQ(curl({url("/healthz")}).out, "ok\n") << host->log();
        EXPECT_EQ(json::parse(curl({url("/api/topology")}).out).at("settings").at("web").at("title").as_string(), title);
    }
    wait_for_media();
}

TEST_F(console_test, a_stream_that_comes_with_a_reload_is_there) {
    start(shown());
    EXPECT_EQ(curl({"-o", "/dev/null", "-w", "%{http_code}", url("/streams/second.jpg")}).out, "404");
    const auto more = shown("", R"(, "second": { "type": "video.encode" })", R"(, "pattern -> second -> web.images")");
    EXPECT_EQ(post("/api/reload", more).status, 200);
    EXPECT_TRUE(folder.wait([&] { return curl({"-o", "/dev/null", "-w", "%{http_code}", url("/streams/second.jpg")}).out == "200"; })) << host->log();
    const auto graph = json::parse(curl({url("/graph.json")}).out);
    EXPECT_EQ(graph.at("instances").as_array().size(), 6u);
}

TEST_F(console_test, who_asks_and_does_not_read_is_cut_and_the_others_go_on) {
    start(shown(R"(, "viewers": { "stall_ms": 500 })"));
    wait_for_media();
    auto deaf = raw_peer::connect_to(host->port("web"), 4096);
    std::string requests;
    for (int i = 0; i < 3000; ++i) requests += "GET /graph.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    (void)deaf.send(requests.substr(0, 100'000));
    auto stuck = raw_peer::connect_to(host->port("web"), 4096);
    EXPECT_TRUE(stuck.send("GET /streams/camera.mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_TRUE(host->wait_log("took nothing for 500 ms: cut")) << host->log();
    EXPECT_TRUE(folder.wait([&] {
        const auto metrics = curl({url("/metrics")}).out;
        return metrics.find("streamhost_module_http_connections{instance=\"web\",type=\"web.console\"} 1\n") != std::string::npos;
    })) << "only the one that asks for the metrics is left";
    EXPECT_THAT(curl({url("/streams/camera.jpg")}).out, StartsWith("\xFF\xD8"));
}

}  // namespace
}  // namespace streamhost::test
