#include "answer.hpp"

#include <streamhost/host.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace streamhost::web {
namespace {

/// What a page of ours may load and who may show it; foreign bytes are never taken for a script.
constexpr std::string_view safety =
    "Content-Security-Policy: default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'self'; object-src 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n";

std::string status_line(http::status status, unsigned version) {
    return fmt::format("HTTP/{}.{} {} {}\r\n", version / 10, version % 10, static_cast<unsigned>(status),
                       std::string_view(http::obsolete_reason(status)));
}

std::string usual_fields(std::int64_t wall_ns) {
    const auto now = fmt::gmtime(static_cast<std::time_t>(wall_ns / 1'000'000'000));
    return fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\nServer: streamhost/{}\r\n{}", now, version(), safety);
}

}  // namespace

std::span<const std::byte> answer::bytes() const noexcept {
    const auto* const own = std::get_if<std::string>(&content);
    return own != nullptr ? std::as_bytes(std::span(own->data(), own->size())) : std::get<shared_bytes>(content).span();
}

answer plain_answer(http::status status, std::string text) {
    answer said;
    said.status = status;
    text += '\n';
    said.content = std::move(text);
    return said;
}

std::string head_of(const answer& content, unsigned version, bool keep_alive, std::int64_t wall_ns) {
    auto head = status_line(content.status, version) + usual_fields(wall_ns);
    const bool has_content = content.status != http::status::not_modified && content.status != http::status::no_content;
    if (has_content) {
        head += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", content.content_type, content.bytes().size());
    }
    head += fmt::format("Cache-Control: {}\r\n", content.cache);
    for (const auto& [field, value] : content.fields) {
        head += fmt::format("{}: {}\r\n", std::string_view(http::to_string(field)), value);
    }
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

std::string stream_head(std::string_view content_type, std::int64_t wall_ns) {
    return fmt::format("{}{}Content-Type: {}\r\nCache-Control: no-store\r\nPragma: no-cache\r\n"
                       "Connection: close\r\n\r\n",
                       status_line(http::status::ok, 11), usual_fields(wall_ns), content_type);
}

std::string websocket_head(std::string_view accept, std::int64_t wall_ns) {
    return fmt::format("{}{}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n",
                       status_line(http::status::switching_protocols, 11), usual_fields(wall_ns), accept);
}

}  // namespace streamhost::web
