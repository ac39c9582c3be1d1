#include "net/framed_requests.hpp"

#include <streamhost/tcp_wire.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace streamhost {
namespace {

/// A viewer has little to say.
constexpr std::uint64_t largest_request = 4096;

/// Requests that a viewer may make within a second; ours ask every five.
constexpr int most_requests = 20;

}  // namespace

wire_message framed_failure(const message_origin& origin, std::string why) {
    framed::failure last;
    last.text = std::move(why);
    message_header header;
    header.origin = origin;
    return to_framed_message(header, last);
}

std::optional<viewer_ear::objection> framed_requests::hear(viewer& from, std::span<const std::byte> said) {
    begun_.insert(begun_.end(), said.begin(), said.end());
    while (begun_.size() >= length_prefix::size) {
        const std::span<const std::byte> all(begun_);
        const auto length = length_prefix::decode(all.first<length_prefix::size>(), largest_request);
        if (!length) return objection{length.error().message(), framed_failure(host_.origin(), length.error().message())};
        if (begun_.size() - length_prefix::size < *length) break;
        const auto body = all.subspan(length_prefix::size, *length);
        auto objection = take(from, shared_bytes::adopt(std::vector<std::byte>(body.begin(), body.end())));
        if (objection) return objection;
        begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(length_prefix::size + *length));
    }
    return std::nullopt;
}

std::optional<viewer_ear::objection> framed_requests::take(viewer& from, const shared_bytes& body) {
    const auto now_ns = host_.clock().steady_ns();
    if (now_ns - second_began_ns_ >= 1'000'000'000) {
        second_began_ns_ = now_ns;
        requests_ = 0;
    }
    if (++requests_ > most_requests) return objection{fmt::format("it asks more than {} times a second", most_requests)};
    const auto message = framed::decode(body);
    if (!message) return objection{message.error().message(), framed_failure(host_.origin(), message.error().message())};
    const auto ending = peer_.take(*message, [&from](wire_message answer) { from.reply(std::move(answer)); });
    if (ending && !ending->empty()) return objection{};  // it goes
    return std::nullopt;
}

}  // namespace streamhost
