#include "incoming_streams.hpp"

#include <streamhost/framed_types.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace streamhost::stream_family {
namespace {

/// Origins whose last message a stream remembers, and names that are known to be unknown.
constexpr std::size_t most_remembered = 64;

}  // namespace

incoming_streams::incoming_streams(module_context& host, const stream_map& receive)
    : host_(host),
      count_unknown_(host.metric("streams_ignored", "streams that peers announced and nobody here receives")),
      count_repeated_(host.metric("messages_repeated", "messages left out because a new session began with them again")) {
    for (const auto& [name, type_name] : receive) {
        incoming_stream stream;
        stream.name = name;
        stream.type_name = type_name;
        stream.output = &host.any_output(name);
        stream.type = standard_type(type_name);
        if (stream.type == nullptr) stream.type = stream.output->linked_type();
        if (stream.type == nullptr && stream.output->linked()) {
            throw configuration_error(fmt::format("link `{}` to an input of the type {} itself: what takes messages of any "
                                                  "type cannot decode them",
                                                  name, type_name));
        }
        if (stream.type != nullptr && framed_type(*stream.type) == framed::message_type::any) {
            throw configuration_error(fmt::format("{} stays inside of a host: its traits have no `encode` and `decode`",
                                                  stream.type->name));
        }
        streams_.push_back(std::move(stream));
    }
}

incoming_stream* incoming_streams::find(std::string_view name) {
    const auto found = std::ranges::find(streams_, name, &incoming_stream::name);
    return found == streams_.end() ? nullptr : &*found;
}

std::string incoming_streams::refuse(const incoming_stream& stream, const framed::announce& offered) {
    const auto there = describe_framed_type(offered.type, offered.user_type, offered.user_version);
    if (stream.type == nullptr) {  // whatever its version is
        if (offered.user_type == stream.type_name) return {};
        return fmt::format("the stream \"{}\" is {} there and {} here", stream.name, there, stream.type_name);
    }
    const auto own = framed_type(*stream.type);
    const bool user = own == framed::message_type::user;
    const bool equal = own == offered.type &&
                       (!user || (offered.user_type == stream.type->name && offered.user_version == stream.type->version));
    if (equal) return {};
    return fmt::format("the stream \"{}\" is {} there and {} here", stream.name, there,
                       describe_framed_type(own, stream.type->name, stream.type->version));
}

void incoming_streams::note_unknown(const std::string& name, const std::string& peer) {
    count_unknown_.add();
    if (unknown_.size() >= most_remembered || !unknown_.insert(name).second) return;
    host_.log().info("{} has a stream \"{}\" that nobody here receives", peer, name);
}

bool incoming_streams::note_last(incoming_stream& stream, const message_header& header, bool first) {
    auto& last = stream.last;
    const auto same = std::ranges::find(last, header.origin, &message_header::origin);
    if (same != last.end()) {
        const bool repeated = first && same->epoch == header.epoch && same->sequence == header.sequence;
        if (repeated) {
            count_repeated_.add();
            return true;
        }
        last.erase(same);
    } else if (last.size() >= most_remembered) {
        last.erase(last.begin());
    }
    last.push_back(header);
    return false;
}

}  // namespace streamhost::stream_family
