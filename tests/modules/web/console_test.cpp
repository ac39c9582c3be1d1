#include "console.hpp"
#include "metrics_text.hpp"
#include "support/scratch_folder.hpp"

#include "page.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include <sys/stat.h>

namespace streamhost::web {
namespace {

using namespace std::chrono_literals;
using test::page;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

encoded_image picture(std::string content) {
    return {.width = 8, .height = 8, .data = shared_bytes::adopt(std::move(content))};
}

audio_block sound(std::string samples, int rate = 8000) {
    return {.rate = rate, .channels = 1, .format = sample_format::s16, .samples = shared_bytes::adopt(std::move(samples))};
}

/// Pages, files and streams of a console in virtual time. Its inputs are linked to an instance called `test`.
class console_test : public ::testing::Test {
protected:
    void start(std::string_view settings = "{}", testing::options chosen = {}) {
        module_.emplace(testing::type<console>(), settings, std::move(chosen));
        module_->run_for(1ms);
    }
    testing::harness& at() { return *module_; }
    void show(std::string content) {
        at().feed("images", picture(std::move(content)));
        at().run_for(1ms);
    }

    streamhost::test::scratch_folder folder;
    std::optional<testing::harness> module_;
};

TEST_F(console_test, the_page_comes_with_all_that_makes_it_safe_and_not_twice) {
    start();
    page one(at());
    const auto first = one.get("/");
    EXPECT_EQ(first.status, 200);
    EXPECT_THAT(first.field("content-type"), StartsWith("text/html"));
    EXPECT_THAT(first.field("content-security-policy"), HasSubstr("default-src 'self'"));
    EXPECT_EQ(first.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(first.field("referrer-policy"), "same-origin");
    EXPECT_THAT(first.field("date"), EndsWith(" GMT"));
    const auto etag = first.field("etag");
    EXPECT_NE(etag, "");
    const auto again = one.get("/", {{"If-None-Match", etag}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(one.get("/nothing").status, 404);
    EXPECT_FALSE(one.closed());
    one.write(test::request_text("HEAD", "/healthz"));
    const auto head = one.answer(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), "3");
    EXPECT_EQ(head.body, "");
}

TEST_F(console_test, requests_behind_each_other_are_answered_in_their_order) {
    start();
    page one(at());
    one.write(test::request_text("GET", "/healthz") + test::request_text("GET", "/nothing") + test::request_text("GET", "/readyz"));
    EXPECT_EQ(one.answer().body, "ok\n");
    EXPECT_EQ(one.answer().status, 404);
    EXPECT_EQ(one.answer().body, "ready\n");
}

TEST_F(console_test, a_picture_is_the_newest_one) {
    start();
    page one(at());
    const auto none = one.get("/streams/test.jpg");
    EXPECT_EQ(none.status, 503);
    EXPECT_EQ(none.field("retry-after"), "1");
    show("first");
    show("second");
    const auto newest = one.get("/streams/test.jpg");
    EXPECT_EQ(newest.status, 200);
    EXPECT_EQ(newest.field("content-type"), "image/jpeg");
    EXPECT_EQ(newest.body, "second");
    const auto other = one.get("/streams/other.jpg");
    EXPECT_EQ(other.status, 404);
    EXPECT_THAT(other.body, HasSubstr("there are: test"));
}

TEST_F(console_test, mjpeg_goes_on_with_every_picture_and_is_a_viewer_like_all_others) {
    start();
    show("zero");
    page one(at());
    one.write(test::request_text("GET", "/streams/test.mjpeg"));
    const auto head = one.answer(true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-type"), "multipart/x-mixed-replace; boundary=frame");
    EXPECT_THAT(head.body, StartsWith("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n"));
    EXPECT_THAT(head.body, EndsWith("\r\n\r\nzero\r\n--frame\r\n"));
    show("one");
    EXPECT_THAT(one.bytes(), HasSubstr("\r\n\r\none\r\n--frame\r\n"));
    const auto now = at().snapshot();
    ASSERT_EQ(now.viewers.size(), 1u);
    EXPECT_THAT(now.viewers[0].name, EndsWith(" test.mjpeg"));
    EXPECT_EQ(now.viewers[0].policy, "latest, 2 items");
    EXPECT_EQ(now.viewers[0].delivered, 2u);
    one.leave();
    at().run_for(10ms);
    EXPECT_EQ(at().metric("viewers"), 0u);
}

TEST_F(console_test, where_all_places_are_taken_the_next_viewer_is_told_so) {
    testing::options chosen;
    chosen.viewers.max = 1;
    start("{}", chosen);
    page one(at()), two(at());
    one.write(test::request_text("GET", "/streams/test.mjpeg"));
    EXPECT_EQ(one.answer(true).status, 200);
    const auto refused = two.get("/streams/test.mjpeg");
    EXPECT_EQ(refused.status, 503);
    EXPECT_THAT(refused.body, HasSubstr("all 1 places for viewers are taken"));
    EXPECT_EQ(two.get("/healthz").status, 200);
}

TEST_F(console_test, a_wav_begins_with_the_format_of_the_sound_and_ends_where_that_changes) {
    start();
    page early(at()), one(at());
    EXPECT_EQ(early.get("/streams/test.wav").status, 503);
    at().feed("audio", sound("0123"));
    at().run_for(1ms);
    one.write(test::request_text("GET", "/streams/test.wav"));
    const auto head = one.answer(true);
    EXPECT_EQ(head.field("content-type"), "audio/wav");
    EXPECT_THAT(head.body, StartsWith("RIFF"));
    EXPECT_THAT(head.body, EndsWith("0123"));
    at().feed("audio", sound("4567"));
    at().run_for(1ms);
    EXPECT_EQ(one.bytes(), "4567");
    EXPECT_FALSE(one.closed());
    at().feed("audio", sound("89", 16000));
    at().run_for(1ms);
    EXPECT_TRUE(one.closed());
}

TEST_F(console_test, a_socket_carries_pictures_and_sound_behind_a_head) {
    start();
    page one(at());
    EXPECT_EQ(one.open("/ws/media?streams=test"), 101);
    at().run_for(10ms);
    show("JPEG");
    at().feed("audio", sound("01"));
    const auto frames = one.frames();
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].opcode, ws_opcode::binary);
    EXPECT_EQ(frames[0].payload.substr(32), "JPEG");
    EXPECT_EQ(frames[0].payload[1], 1);
    EXPECT_EQ(frames[1].payload.substr(32), "01");
    EXPECT_EQ(frames[1].payload[1], 2);
    double captured = 0, sent = 0;
    std::memcpy(&captured, frames[0].payload.data() + 16, 8);
    std::memcpy(&sent, frames[0].payload.data() + 24, 8);
    EXPECT_NEAR(captured, static_cast<double>(at().clock().wall_ns()) / 1e6, 100);
    EXPECT_GE(sent, captured);
    one.write(test::client_frame(ws_opcode::ping, "hello"));
    const auto pong = one.frames();
    ASSERT_EQ(pong.size(), 1u);
    EXPECT_EQ(pong[0].opcode, ws_opcode::pong);
    EXPECT_EQ(pong[0].payload, "hello");
    one.write(test::client_frame(ws_opcode::close, "\x03\xE8"));
    EXPECT_EQ(one.frames().at(0).opcode, ws_opcode::close);
}

TEST_F(console_test, a_socket_may_have_one_kind_of_a_name_only) {
    start();
    page one(at());
    EXPECT_EQ(one.open("/ws/media?streams=test&kind=audio"), 101);
    show("JPEG");
    at().feed("audio", sound("01"));
    const auto frames = one.frames();
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].payload[1], 2);
    page two(at());
    EXPECT_EQ(two.open("/ws/media?streams=nobody"), 404);
    EXPECT_EQ(two.open("/ws/media"), 404);
}

TEST_F(console_test, graph_metrics_and_readiness_say_what_runs) {
    start();
    page one(at());
    const auto graph = one.get("/graph.json");
    EXPECT_EQ(graph.field("content-type"), "application/json");
    const auto parsed = boost::json::parse(graph.body);
    EXPECT_EQ(parsed.at("instances").as_array().size(), 1u);
    EXPECT_EQ(parsed.at("instances").as_array()[0].at("type").as_string(), "web.console");
    const auto metrics = one.get("/metrics");
    EXPECT_EQ(metrics.field("content-type"), metrics_content_type);
    EXPECT_THAT(metrics.body, HasSubstr("streamhost_module_http_requests{"));
    EXPECT_EQ(one.get("/healthz").status, 200);
    EXPECT_EQ(one.get("/readyz").status, 200);
}

TEST_F(console_test, only_known_methods_and_places_are_there) {
    start();
    page one(at());
    const auto put = one.ask("PUT", "/");
    EXPECT_EQ(put.status, 405);
    EXPECT_EQ(put.field("allow"), "GET, HEAD, POST");
    EXPECT_EQ(one.ask("GET", "/api/plan").status, 405);
    EXPECT_EQ(one.ask("POST", "/graph.json").status, 404);
    EXPECT_EQ(one.get("/ws/control").status, 426);
    EXPECT_EQ(one.get("/streams/test.avi").status, 404);
    for (const auto* path : {"/../etc/passwd", "/%2e%2e/etc/passwd", "//", "/streams/../test.jpg", "/streams/", "/streams/.jpg",
                             "/index.html/", "/INDEX.HTML", "/api/", "/api/topology/x"}) {
        EXPECT_THAT(one.get(path).status, ::testing::AnyOf(404, 200)) << path;
        EXPECT_THAT(one.get(path).body, Not(HasSubstr("root:"))) << path;
    }
}

TEST_F(console_test, with_a_token_everything_but_the_pages_files_asks_for_it) {
    const auto token = folder.write("token", "0123456789abcdef\n");
    ::chmod(token.c_str(), 0600);
    start(boost::json::serialize(boost::json::object{{"auth", token.string()}, {"listen", "0.0.0.0:8080"}}));
    show("JPEG");
    page one(at(), "0.0.0.0:8080");
    for (const auto* path : {"/streams/test.jpg", "/graph.json", "/metrics", "/api/topology", "/streams/test.mjpeg"}) {
        const auto said = one.get(path);
        EXPECT_EQ(said.status, 401) << path;
        EXPECT_THAT(said.field("www-authenticate"), HasSubstr("Basic")) << path;
    }
    EXPECT_EQ(one.get("/healthz").status, 200);
    EXPECT_EQ(one.open("/ws/control"), 401);
    const test::header_list bearer{{"Authorization", "Bearer 0123456789abcdef"}};
    EXPECT_EQ(one.get("/streams/test.jpg", bearer).status, 200);
    EXPECT_EQ(one.get("/api/topology", bearer).status, 200);

    const auto wrong = one.ask("POST", "/login", {}, "token=0123456789abcdeX");
    EXPECT_EQ(wrong.status, 0) << "it is made to wait";
    at().run_for(1s);
    const auto after = one.answer();
    EXPECT_EQ(after.status, 303);
    EXPECT_EQ(after.field("location"), "/login.html?wrong");
    EXPECT_EQ(after.field("set-cookie"), "");
    const auto in = one.ask("POST", "/login", {}, "token=0123456789abcdef");
    EXPECT_EQ(in.status, 303);
    EXPECT_EQ(in.field("location"), "/");
    const auto cookie = in.field("set-cookie");
    EXPECT_THAT(cookie, HasSubstr("HttpOnly; SameSite=Strict"));
    EXPECT_THAT(cookie, Not(HasSubstr("0123456789abcdef")));
    const test::header_list session{{"Cookie", cookie.substr(0, cookie.find(';'))}};
    EXPECT_EQ(one.get("/graph.json", session).status, 200);
    EXPECT_EQ(one.open("/ws/control", session), 101);
}

TEST_F(console_test, a_wrong_token_waits_is_counted_and_at_last_is_not_listened_to) {
    const auto token = folder.write("token", "0123456789abcdef");
    ::chmod(token.c_str(), 0600);
    start(boost::json::serialize(boost::json::object{{"auth", token.string()}}));
    page one(at());
    const test::header_list bad{{"Authorization", "Bearer nonsense"}}, good{{"Authorization", "Bearer 0123456789abcdef"}};
    for (int i = 0; i < access::most_failures; ++i) {
        one.write(test::request_text("GET", "/metrics", bad));
        EXPECT_EQ(one.answer().status, 0);
        at().run_for(1s);
        EXPECT_EQ(one.answer().status, 401);
    }
    EXPECT_EQ(at().metric("auth_failures"), 10u);
    EXPECT_EQ(one.get("/metrics", good).status, 429);
    at().run_for(1min);
    page two(at());
    EXPECT_EQ(two.get("/metrics", good).status, 200);
}

TEST_F(console_test, what_idles_or_begins_and_does_not_go_on_is_closed) {
    start();
    page silent(at()), drip(at()), kept(at());
    EXPECT_EQ(kept.get("/healthz").status, 200);
    drip.write("GET / HT");
    at().run_for(1900ms);
    EXPECT_FALSE(drip.closed());
    at().run_for(200ms);
    EXPECT_TRUE(drip.closed()) << "handshake_ms from the first byte";
    EXPECT_FALSE(silent.closed());
    at().run_for(8s);
    EXPECT_TRUE(silent.closed());
    EXPECT_FALSE(kept.closed());
    at().run_for(21s);
    EXPECT_TRUE(kept.closed());
    EXPECT_EQ(at().metric("http_connections"), 0u);
}

TEST_F(console_test, connections_have_a_most_and_those_that_idle_give_way) {
    start();
    std::vector<std::unique_ptr<page>> crowd;
    for (std::size_t i = 0; i < http_server::most_connections; ++i) crowd.push_back(std::make_unique<page>(at()));
    EXPECT_FALSE(crowd[0]->closed());
    page late(at());
    EXPECT_EQ(late.get("/healthz").status, 200);
    EXPECT_TRUE(crowd[0]->closed());
    EXPECT_FALSE(crowd[1]->closed());
}

TEST_F(console_test, a_drain_ends_streams_and_pages) {
    start();
    page stream(at()), pages(at()), idle(at());
    stream.write(test::request_text("GET", "/streams/test.mjpeg"));
    EXPECT_EQ(stream.answer(true).status, 200);
    EXPECT_EQ(pages.open("/ws/control"), 101);
    EXPECT_TRUE(at().drain());
    EXPECT_TRUE(stream.closed());
    EXPECT_TRUE(idle.closed());
    EXPECT_THAT(pages.frames().back().opcode, ws_opcode::close);
}

}  // namespace
}  // namespace streamhost::web
