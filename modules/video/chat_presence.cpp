#include "chat_presence.hpp"

#include <utility>

namespace streamhost::video {
namespace {

struct session_news {
    net_address peer;
    bool joined = false;
};

result<session_news> read(const record& about) {
    const auto* const object = about.value.if_object();
    if (object == nullptr) return errc::malformed;
    const auto* const address = object->if_contains("address");
    const auto* const joined = object->if_contains("joined");
    if (address == nullptr || !address->is_string() || joined == nullptr || !joined->is_bool()) return errc::malformed;
    const auto peer = net_address::parse(std::string_view(address->get_string()));
    if (!peer) return peer.error();
    return session_news{*peer, joined->get_bool()};
}

}  // namespace

void chat_presence::forget_all(change& changed) {
    for (const auto& [host, ports] : std::exchange(sessions_, {})) changed.left.push_back(host);
    count_ = 0;
}

chat_presence::change chat_presence::note(const record& about, const message_header& header) {
    change changed;
    const bool restarted = header.epoch != epoch_ || header.origin != origin_;
    if (restarted) forget_all(changed);
    epoch_ = header.epoch;
    origin_ = header.origin;

    const auto news = read(about);
    changed.understood = news.has_value();
    if (!news) return changed;
    const auto& [host, port] = news->peer;
    if (news->joined) {
        if (count_ == most_sessions) return changed;
        auto& ports = sessions_[host];
        if (ports.empty()) changed.came.push_back(host);
        count_ += ports.insert(port).second ? 1 : 0;
        return changed;
    }
    const auto found = sessions_.find(host);
    if (found == sessions_.end()) return changed;
    count_ -= found->second.erase(port);
    if (found->second.empty()) {
        sessions_.erase(found);
        changed.left.push_back(host);
    }
    return changed;
}

}  // namespace streamhost::video
