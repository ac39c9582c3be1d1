#include "outgoing_streams.hpp"

#include <streamhost/framed_types.hpp>
#include <streamhost/tcp_wire.hpp>

#include <fmt/format.h>

namespace streamhost::stream_family {
namespace {

/// What may wait for one peer on one stream where neither the type nor the topology limits it.
constexpr std::uint64_t usual_queue_bytes = 16 * 1024 * 1024;

}  // namespace

outgoing_streams::outgoing_streams(module_context& host, const stream_map& send)
    : host_(host),
      count_too_large_(host.metric("messages_too_large", "messages not sent because they exceed `limits.message_bytes`")),
      count_circling_(host.metric("messages_circling", "messages not sent because they have passed too many hosts")) {
    for (const auto& [name, type_name] : send) {
        auto& input = host.any_input(name);
        const auto* type = standard_type(type_name);
        if (type == nullptr) type = input.linked_type();
        if (type == nullptr) {
            throw configuration_error(fmt::format("link `{}` from an output of the type {} itself: what passes on "
                                                  "messages of any type does not say which version they have",
                                                  name, type_name));
        }
        framed_stream stream;
        stream.name = name;
        stream.type = framed_type(*type);
        if (stream.type == framed::message_type::any) {
            throw configuration_error(fmt::format("{} stays inside of a host: its traits have no `encode` and `decode`",
                                                  type->name));
        }
        if (stream.type == framed::message_type::user) {
            stream.user_type = type->name;
            stream.user_version = type->version;
        }
        stream.usual_queue = type->defaults.viewer;
        if (stream.usual_queue.bytes == 0) stream.usual_queue.bytes = usual_queue_bytes;
        streams_.push_back(std::move(stream));
        inputs_.push_back(&input);
    }
}

std::optional<framed::pieces> outgoing_streams::encode(stream_index stream, const envelope& content) {
    if (content.header.hops > framed::max_hops) {
        complain(count_circling_, stream, "it has passed too many hosts; do they send it in a circle?");
        return std::nullopt;
    }
    auto written = framed::encode(to_framed_header(content.header), to_framed_payload(content));
    if (written.size() > host_.limits().message_bytes) {
        complain(count_too_large_, stream, fmt::format("{} bytes are more than `limits.message_bytes`", written.size()));
        return std::nullopt;
    }
    return written;
}

void outgoing_streams::complain(counter& count, stream_index stream, std::string_view why) {
    count.add();
    if (count.value() == 1) host_.log().warn("a message of `{}` is not sent: {}", streams_[stream].name, why);
}

}  // namespace streamhost::stream_family
