#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace streamhost::web {

namespace http = boost::beast::http;

/// A request that came whole.
using request = http::request<http::string_body>;

/// Why a request cannot be taken, for its answer and for the log.
struct refusal {
    http::status status = http::status::bad_request;
    std::string why;
};

/// Reads the requests of one connection out of bytes that come in pieces of any size. Holds one request, and what was
/// sent behind it. HTTP/1.0 and 1.1 (RFC 9112); a form of it that two programs could read differently is refused.
class request_reader {
public:
    static constexpr std::size_t most_head = 8 * 1024;
    static constexpr std::size_t most_body = 1024 * 1024;
    static constexpr std::size_t most_behind = most_head;  ///< of requests that are sent before the answer to this one

    request_reader() { begin(); }

    void give(std::span<const std::byte> bytes);

    /// Reads on. False where nothing more can be done: more bytes are needed, the request is whole, or it is refused.
    bool step();

    bool has_begun() const noexcept { return !bytes_.empty() || head_done() || problem_.has_value(); }
    bool head_done() const noexcept { return parser_->is_header_done(); }
    bool whole() const noexcept { return parser_->is_done() && !problem_; }
    const std::optional<refusal>& problem() const noexcept { return problem_; }
    /// Bytes that wait to be read: no more are to be taken from the peer while there are too many.
    std::size_t waiting() const noexcept { return bytes_.size(); }

    /// What of it is known: requires `head_done()`.
    const request& head() const { return parser_->get(); }
    bool has_body() const;
    std::uint64_t body_bytes() const;  ///< as the head says; the largest number where it does not
    bool expects_continue() const;      ///< it waits for a word before it sends the body

    /// Takes the whole request out; what lies behind it is the next one.
    request take();

private:
    void begin();
    void judge_head();

    std::optional<http::request_parser<http::string_body>> parser_;
    std::string bytes_;
    std::optional<refusal> problem_;
    bool judged_ = false;
};

}  // namespace streamhost::web
