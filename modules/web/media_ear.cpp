#include "media_ear.hpp"

namespace streamhost::web {

std::optional<viewer_ear::objection> media_ear::hear(viewer& from, std::span<const std::byte> said) {
    bool closes = false, too_many = false;
    const auto take = [&](ws_opcode opcode, std::span<const std::byte> payload) {
        if (opcode == ws_opcode::close) closes = true;
        if (opcode != ws_opcode::ping) return;
        if (pings_.take(from.session().time().now()) > duration::zero()) too_many = true;
        else from.reply(pong_frame(payload));
    };
    const auto broken = frames_.feed(said, take);
    if (closes) return objection{"", close_frame(ws_status::normal)};
    if (too_many) return objection{"it pings without a pause", close_frame(ws_status::policy)};
    if (!broken) return std::nullopt;
    const bool talks = *broken == ws_status::unsupported_data;
    return objection{talks ? "it sends where it is only sent pictures and sound" : "it breaks the rules of WebSocket",
                     close_frame(*broken)};
}

}  // namespace streamhost::web
