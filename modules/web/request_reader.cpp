#include "request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cctype>
#include <limits>

namespace streamhost::web {
namespace {

namespace beast = boost::beast;

refusal refusal_of(const beast::error_code& code) {
    if (code == http::error::header_limit) {
        return {http::status::request_header_fields_too_large, "more than 8 KiB of header"};
    }
    if (code == http::error::body_limit) return {http::status::payload_too_large, "more than 1 MiB of body"};
    if (code == http::error::bad_version) return {http::status::http_version_not_supported, "HTTP/1.0 or 1.1"};
    return {http::status::bad_request, code.message()};
}

bool is_plain(char c) { return c > ' ' && c < '\x7F'; }

}  // namespace

void request_reader::begin() {
    parser_.emplace();
    parser_->header_limit(most_head);
    parser_->body_limit(most_body);
    judged_ = false;
}

void request_reader::give(std::span<const std::byte> bytes) {
    bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

bool request_reader::has_body() const {
    return parser_->chunked() || parser_->content_length().value_or(0) > 0;
}

std::uint64_t request_reader::body_bytes() const {
    constexpr auto unknown = std::numeric_limits<std::uint64_t>::max();
    return parser_->chunked() ? unknown : parser_->content_length().value_or(0);
}

bool request_reader::expects_continue() const {
    return head().version() == 11 && beast::iequals(head()[http::field::expect], "100-continue");
}

bool request_reader::step() {
    if (problem_ || whole() || bytes_.empty()) return false;
    beast::error_code code;
    const auto count = parser_->put(boost::asio::buffer(bytes_), code);
    bytes_.erase(0, count);
    if (code && code != http::error::need_more) {
        problem_ = refusal_of(code);
        return false;
    }
    if (head_done() && !judged_) judge_head();
    if (problem_) return false;
    if (!code && !whole() && count > 0) return true;
    // What is left is part of a head, of the line ahead of a chunk, or of what stands behind the last one.
    if (!whole() && bytes_.size() > most_head) problem_ = refusal_of(http::error::header_limit);
    return false;
}

/// What Beast takes and two servers in a row might read differently.
void request_reader::judge_head() {
    judged_ = true;
    const auto& head = parser_->get();
    const auto refuse = [this](const char* why) { problem_ = refusal{http::status::bad_request, why}; };
    if (head.version() != 10 && head.version() != 11) {
        problem_ = refusal{http::status::http_version_not_supported, "HTTP/1.0 or 1.1"};
        return;
    }
    const auto hosts = head.count(http::field::host);
    if (hosts > 1 || (hosts == 0 && head.version() == 11)) return refuse("one Host, and only one");
    const bool coded = head.count(http::field::transfer_encoding) > 0;
    const auto lengths = head.count(http::field::content_length);
    if (coded && (lengths > 0 || head.version() == 10)) return refuse("a length in two forms");
    if (coded && !parser_->chunked()) return refuse("an unknown transfer coding");
    const auto length = head[http::field::content_length];
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    if (lengths > 1 || !std::all_of(length.begin(), length.end(), is_digit)) return refuse("a length twice");
    const auto target = head.target();
    if (target.empty() || target.front() != '/') return refuse("a target that is no path");
    if (!std::all_of(target.begin(), target.end(), is_plain)) return refuse("a target that is no URL");
}

request request_reader::take() {
    auto whole = parser_->release();
    begin();
    return whole;
}

}  // namespace streamhost::web
