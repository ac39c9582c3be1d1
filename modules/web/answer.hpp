#pragma once

#include "request_reader.hpp"

#include <streamhost/bytes.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace streamhost::web {

/// What a request is answered with.
struct answer {
    http::status status = http::status::ok;
    std::string content_type = "text/plain; charset=utf-8";
    std::variant<std::string, shared_bytes> content{};
    std::vector<std::pair<http::field, std::string>> fields{};        ///< besides the usual ones
    std::string cache = "no-store";

    std::span<const std::byte> bytes() const noexcept;
};

/// A sentence with its status, as people and programs may read it.
answer plain_answer(http::status status, std::string text);

/// The status line and all fields, with the empty line behind them. `wall_ns`: now.
std::string head_of(const answer& content, unsigned version, bool keep_alive, std::int64_t wall_ns);

/// The head of an answer without a length, which the connection's end ends.
std::string stream_head(std::string_view content_type, std::int64_t wall_ns);

/// The head that makes a connection a WebSocket.
std::string websocket_head(std::string_view accept, std::int64_t wall_ns);

}  // namespace streamhost::web
