#pragma once

#include <streamhost/media.hpp>
#include <streamhost/message.hpp>
#include <streamhost/net.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace streamhost::video {

/// From which hosts somebody is in the chat, by the records that a chat server sends of its sessions:
/// `{"address": "10.0.0.5:51234", "joined": true}`. A connection stands for its whole host, since video comes from another
/// port. Confined to one thread.
class chat_presence {
public:
    /// Sessions that are known at most; further ones prove nothing.
    static constexpr std::size_t most_sessions = 4096;

    /// What a record has changed: hosts from which nobody was in the chat before, or nobody is any more.
    struct change {
        std::vector<std::string> came;
        std::vector<std::string> left;
        bool understood = true;
    };

    /// A chat server that has started anew has none of its earlier sessions: its messages tell by their epoch.
    change note(const record& about, const message_header& header);

    bool holds(const std::string& host) const { return sessions_.contains(host); }

private:
    void forget_all(change& changed);

    std::map<std::string, std::set<std::uint16_t>> sessions_;  ///< ports by host
    std::size_t count_ = 0;
    message_origin origin_;
    std::uint32_t epoch_ = 0;
};

}  // namespace streamhost::video
