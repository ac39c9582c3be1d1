#include "request_reader.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

namespace streamhost::web {
namespace {

using ::testing::HasSubstr;

void give(request_reader& reader, std::string_view bytes) {
    reader.give(std::as_bytes(std::span(bytes.data(), bytes.size())));
    while (reader.step()) {}
}

/// The status of the refusal, 200 where the request came whole, 0 where more is needed.
int outcome(std::string_view bytes) {
    request_reader reader;
    give(reader, bytes);
    if (reader.problem()) return static_cast<int>(reader.problem()->status);
    return reader.whole() ? 200 : 0;
}

TEST(request_reader, reads_requests_behind_each_other_in_pieces_of_any_size) {
    const std::string both = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                             "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1;x=y\r\nf\r\n0\r\n\r\n";
    for (std::size_t step = 1; step <= both.size(); ++step) {
        request_reader reader;
        std::string read;
        for (std::size_t at = 0; at < both.size(); at += step) {
            give(reader, std::string_view(both).substr(at, step));
            while (reader.whole()) {
                const auto one = reader.take();
                read += fmt::format("{} {};", std::string_view(one.target()), one.body());
                while (reader.step()) {}
            }
        }
        EXPECT_EQ(read, "/a ;/b abc;/c def;") << step;
        EXPECT_FALSE(reader.problem());
        EXPECT_FALSE(reader.has_begun());
    }
}

TEST(request_reader, says_what_it_needs_to_know_before_a_body_is_read) {
    request_reader reader;
    give(reader, "POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_TRUE(reader.head_done());
    EXPECT_TRUE(reader.has_body());
    EXPECT_TRUE(reader.expects_continue());
    EXPECT_EQ(reader.body_bytes(), 3u);
    EXPECT_FALSE(reader.whole());
}

TEST(request_reader, refuses_what_two_programs_could_read_differently) {
    const std::string host = "Host: x\r\n";
    const struct {
        std::string bytes;
        int status;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET / HTTP/1.0\r\n\r\n", 200},
        {"GET / HTTP/1.1\r\n" + host, 0},
        {"", 0},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        {"GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        {"GET / HTTP/1.2\r\n" + host + "\r\n", 505},
        {"GET / HTTP/9.9\r\n" + host + "\r\n", 505},
        {"GET / HTTX/1.1\r\n" + host + "\r\n", 505},
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET http://x/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET * HTTP/1.1\r\n" + host + "\r\n", 400},
        {"CONNECT x:80 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /\x01 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /\xFF HTTP/1.1\r\n" + host + "\r\n", 400},
        {std::string("GET /\0 HTTP/1.1\r\n", 17) + host + "\r\n", 400},
        {"GET / HTTP/1.1\n" + host + "\r\n", 505},
        {"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n: x\r\n" + host + "\r\n", 400},
        {"GET / HTTP/1.1\r\nA\x01: x\r\n" + host + "\r\n", 400},
        {"GET / HTTP/1.1\r\nA: x\x01\r\n" + host + "\r\n", 400},
        {"\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\nx", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1048577\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 18446744073709551615\r\n\r\n", 413},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\nx\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx", 413},
    };
    for (const auto& each : cases) EXPECT_EQ(outcome(each.bytes), each.status) << ::testing::PrintToString(each.bytes);
}

TEST(request_reader, a_head_has_eight_kilobytes_at_most) {
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
    EXPECT_EQ(outcome(start + "A: " + std::string(8000, 'x') + "\r\n\r\n"), 200);
    EXPECT_EQ(outcome(start + "A: " + std::string(9000, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(outcome(start + "A: " + std::string(9000, 'x')), 431);
    EXPECT_EQ(outcome("GET /" + std::string(9000, 'x')), 431);
    std::string flood = start;
    for (int i = 0; i < 100'000; ++i) flood += "A:\r\n";
    EXPECT_EQ(outcome(flood), 431);
}

TEST(request_reader, a_body_in_chunks_has_a_megabyte_at_most) {
    std::string body = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 17; ++i) body += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    EXPECT_EQ(outcome(body), 413);
}

TEST(request_reader, a_line_ahead_of_a_chunk_does_not_grow_without_end) {
    const std::string start = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(outcome(start + "1;" + std::string(10'000, 'x')), 431);
    EXPECT_EQ(outcome(start + "0\r\nA: " + std::string(10'000, 'x')), 431);
}

TEST(request_reader, what_was_refused_is_not_whole) {
    request_reader reader;
    give(reader, "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(reader.problem());
    EXPECT_FALSE(reader.whole());
}

TEST(request_reader, nothing_is_read_behind_what_was_refused) {
    request_reader reader;
    give(reader, "nonsense\r\n\r\n");
    ASSERT_TRUE(reader.problem());
    give(reader, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(reader.problem());
    EXPECT_FALSE(reader.whole());
}

}  // namespace
}  // namespace streamhost::web
