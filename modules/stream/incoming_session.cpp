#include "incoming_session.hpp"

#include <streamhost/framed_types.hpp>
#include <streamhost/tcp_wire.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace streamhost::stream_family {

incoming_session::incoming_session(incoming_streams& streams, std::string peer, note_message note)
    : streams_(streams), peer_(std::move(peer)), note_(std::move(note)) {}

std::string incoming_session::begin_plain(const framed::announce& only) { return open(channels_[0], only); }

awaitable<std::string> incoming_session::take(framed::message message) {
    std::string ending;
    if (message.head.type == framed::message_type::announce) {
        ending = take_announce(message);
    } else if (framed::is_content(message.head.type)) {
        ending = co_await take_content(std::move(message));
    }
    co_return ending;  // what belongs to a later version of the session is skipped
}

std::string incoming_session::take_announce(const framed::message& message) {
    const auto number = message.head.channel;
    if (number == 0 || number > framed::max_streams) {
        return fmt::format("it announces channel {}, and there are 1 to {}", number, framed::max_streams);
    }
    if (channels_[0].announced) return "it announces a stream in a session of one";
    auto content = framed::decode_payload(message);
    if (!content) return fmt::format("it announces what cannot be read: {}", content.error().message());
    return open(channels_[number], std::get<framed::announce>(std::move(*content)));
}

std::string incoming_session::open(channel& at, framed::announce what) {
    if (at.announced) return fmt::format("it announces the channel of \"{}\" twice", at.what.name);
    const bool known_name = std::ranges::any_of(
        channels_, [&](const channel& other) { return other.announced && other.what.name == what.name; });
    if (known_name) return fmt::format("it announces the stream \"{}\" twice", what.name);
    at.announced = true;
    at.to = streams_.find(what.name);
    at.what = std::move(what);
    if (at.to != nullptr) return incoming_streams::refuse(*at.to, at.what);
    streams_.note_unknown(at.what.name, peer_);
    return {};
}

awaitable<std::string> incoming_session::take_content(framed::message message) {
    const auto number = message.head.channel;
    if (number >= channels_.size() || !channels_[number].announced) {
        co_return fmt::format("it sends on channel {}, which it has not announced", number);
    }
    auto& at = channels_[number];
    if (at.to == nullptr || at.to->type == nullptr) co_return std::string();
    if (message.head.type != at.what.type) {
        co_return fmt::format("the stream \"{}\" is {}, and it sends something else there", at.what.name,
                              describe_framed_type(at.what.type, at.what.user_type, at.what.user_version));
    }
    auto content = framed::decode_payload(message);
    if (!content && content.error() == errc::unsupported) co_return std::string();  // a format of a later version
    if (!content) co_return fmt::format("a message of \"{}\" is broken: {}", at.what.name, content.error().message());
    auto decoded = to_envelope(std::move(*content), *at.to->type);
    if (!decoded) co_return fmt::format("a message of \"{}\" is broken: {}", at.what.name, decoded.error().message());
    decoded->header = from_framed_header(message.head);
    note_(message.payload.size(), decoded->header);
    const bool first = std::exchange(at.fresh, false);
    const bool known = streams_.note_last(*at.to, decoded->header, first);
    if (!known) co_await at.to->output->forward_any(std::move(*decoded));
    co_return std::string();
}

}  // namespace streamhost::stream_family
