#include "console.hpp"

#include "page.hpp"

#include <gmock/gmock.h>

namespace streamhost::web {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using test::client_frame;
using test::page;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// What no browser would send, and pages from elsewhere. Each time the console goes on.
class hostile_test : public ::testing::Test {
protected:
    ~hostile_test() override {
        page one(at);
        EXPECT_EQ(one.get("/healthz").status, 200) << "it goes on";
    }
    int status_of(std::string_view bytes) {
        page one(at);
        one.write(bytes);
        return one.answer().status;
    }
    std::unique_ptr<page> open(std::string_view target = "/ws/control") {
        auto made = std::make_unique<page>(at);
        EXPECT_EQ(made->open(target), 101);
        return made;
    }
    /// The status that a session is closed with; 0 where it is not.
    static int closed_with(page& one) {
        for (const auto& each : one.frames()) {
            if (each.opcode != ws_opcode::close) continue;
            return static_cast<unsigned char>(each.payload[0]) << 8 | static_cast<unsigned char>(each.payload[1]);
        }
        return 0;
    }

    testing::harness at{testing::type<console>()};
};

TEST_F(hostile_test, a_foreign_name_that_leads_here_is_refused) {
    for (const auto* host : {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", ""}) {
        EXPECT_EQ(status_of(test::request_text("GET", "/", {{"Host", host}})), 421) << host;
        EXPECT_EQ(status_of(test::request_text("GET", "/streams/test.mjpeg", {{"Host", host}})), 421) << host;
        EXPECT_EQ(status_of(test::request_text("GET", "/ws/control", test::upgrade({{"Host", host}}))), 421) << host;
    }
}

TEST_F(hostile_test, a_page_from_elsewhere_opens_no_socket_and_changes_nothing) {
    for (const auto* origin : {"http://evil.example", "null", "https://127.0.0.1:8081", "http://localhost:8080"}) {
        for (const auto* path : {"/ws/control", "/ws/media?streams=test"}) {
            EXPECT_EQ(status_of(test::request_text("GET", path, test::upgrade({{"Origin", origin}}))), 403) << origin;
        }
        for (const auto* path : {"/api/plan", "/api/reload", "/login"}) {
            EXPECT_EQ(status_of(test::request_text("POST", path, {{"Origin", origin}}, "{}")), 403) << origin;
        }
    }
    EXPECT_EQ(status_of(test::request_text("POST", "/api/reload", {{"Sec-Fetch-Site", "cross-site"}})), 403);
    EXPECT_EQ(status_of(test::request_text("GET", "/ws/control", test::upgrade({{"Origin", "http://127.0.0.1:8080"}}))), 101);
}

TEST_F(hostile_test, a_handshake_that_is_none_is_refused) {
    const auto without = [](const std::string& name, const std::string& instead) {
        auto fields = test::upgrade();
        for (auto& [key, value] : fields) {
            if (key == name) value = instead;
        }
        return test::request_text("GET", "/ws/control", fields);
    };
    EXPECT_EQ(status_of(without("Upgrade", "h2c")), 426);
    EXPECT_EQ(status_of(without("Connection", "close")), 426);
    EXPECT_EQ(status_of(without("Sec-WebSocket-Version", "8")), 426);
    EXPECT_EQ(status_of(without("Sec-WebSocket-Key", "short")), 400);
    EXPECT_EQ(status_of(test::request_text("GET", "/ws/control", test::upgrade()) + "early"), 400);
    EXPECT_EQ(status_of(test::request_text("POST", "/ws/control", test::upgrade())), 404);
    page one(at);
    EXPECT_EQ(one.get("/ws/control", test::upgrade({{"Sec-WebSocket-Extensions", "permessage-deflate"}})).field("sec-websocket-extensions"), "");
}

TEST_F(hostile_test, requests_that_could_be_read_in_two_ways_end_the_connection) {
    page one(at);
    one.write("POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(one.answer().status, 400);
    EXPECT_EQ(one.bytes(), "") << "what came behind it was not looked at";
    at.run_for(2s);
    EXPECT_TRUE(one.closed());
}

TEST_F(hostile_test, floods_of_headers_and_bodies_are_cut_short) {
    std::string flood = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (int i = 0; i < 100'000; ++i) flood += "X-A: b\r\n";
    EXPECT_EQ(status_of(flood), 431);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello"), 413);
    EXPECT_EQ(status_of("POST /api/plan HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n"), 413);
    EXPECT_EQ(status_of("POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\n"), 413);
    EXPECT_EQ(status_of("POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 413);
}

TEST_F(hostile_test, a_body_that_does_not_come_ends_the_connection) {
    page one(at);
    one.write("POST /api/plan HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhalf");
    at.run_for(9900ms);
    EXPECT_FALSE(one.closed());
    at.run_for(200ms);
    EXPECT_TRUE(one.closed());
}

TEST_F(hostile_test, a_socket_that_breaks_the_rules_is_closed_with_the_reason) {
    const struct {
        std::string bytes;
        int status;
    } cases[] = {
        {std::string("\x81\x01x", 3), 1002},
        {client_frame(ws_opcode::continuation, "x"), 1002},
        {client_frame(ws_opcode::binary, "x"), 1003},
        {client_frame(ws_opcode::text, "\xFF"), 1007},
        {client_frame(ws_opcode::text, std::string(64 * 1024 + 1, 'x')), 1009},
        {std::string("\x81\xFF\0\0\0\xFF\0\0\0\0", 10) + "abcd", 1009},
    };
    for (const auto& each : cases) {
        const auto one = open();
        one->write(each.bytes);
        EXPECT_EQ(closed_with(*one), each.status);
        at.run_for(2s);
        EXPECT_TRUE(one->closed());
    }
    EXPECT_EQ(at.metric("pages"), 0u);
}

TEST_F(hostile_test, fragments_without_an_end_are_cut) {
    const auto one = open();
    one->write(client_frame(ws_opcode::text, "x", false));
    for (int i = 0; i < 100; ++i) one->write(client_frame(ws_opcode::continuation, std::string(1000, 'x'), false));
    EXPECT_EQ(closed_with(*one), 1009);
}

TEST_F(hostile_test, floods_of_messages_and_pings_are_cut) {
    const auto talker = open(), pinger = open();
    for (int i = 0; i < 200; ++i) talker->say({{"type", "watch"}, {"graph", false}});
    EXPECT_EQ(closed_with(*talker), 1008);
    for (int i = 0; i < 20; ++i) pinger->write(client_frame(ws_opcode::ping, "x"));
    EXPECT_EQ(closed_with(*pinger), 1008);
    const auto viewer = open("/ws/media?streams=test");
    for (int i = 0; i < 20; ++i) viewer->write(client_frame(ws_opcode::ping, "x"));
    EXPECT_EQ(closed_with(*viewer), 1008);
    const auto sender = open("/ws/media?streams=test");
    sender->write(client_frame(ws_opcode::binary, "x"));
    EXPECT_EQ(closed_with(*sender), 1003);
}

TEST_F(hostile_test, script_stays_text) {
    const auto one = open(), two = open();
    const std::string script = "<script>alert(1)</script>\" onerror=x";
    one->say({{"type", "name"}, {"name", script}});
    one->say({{"type", "chat"}, {"line", script}});
    const auto heard = two->heard("chat");
    ASSERT_THAT(heard, SizeIs(1));
    EXPECT_EQ(heard[0].at("lines").as_array().at(0).at("from").as_string(), script);
    page plain(at);
    const auto missing = plain.get("/streams/<script>.jpg");
    EXPECT_EQ(missing.status, 404);
    EXPECT_THAT(missing.field("content-type"), HasSubstr("text/plain"));
    EXPECT_EQ(missing.field("x-content-type-options"), "nosniff");
}

}  // namespace
}  // namespace streamhost::web
