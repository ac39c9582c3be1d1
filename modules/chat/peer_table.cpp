#include "peer_table.hpp"

#include <algorithm>

namespace streamhost::chat {

peer& peer_table::add(const net_address& from) {
    peers_.push_back({.address = from.to_string(), .host = from.host});
    return peers_.back();
}

peer_table::arrival peer_table::add_listener(const net_address& from, viewer& connection) {
    const auto waits = [&](const peer& each) { return each.host == from.host && each.listening == nullptr; };
    const auto found = std::ranges::find_if(peers_, waits);
    const bool is_new = found == peers_.end();
    peer& who = is_new ? add(from) : *found;
    who.listening = &connection;
    return {&who, is_new};
}

peer_table::arrival peer_table::add_speaker(const net_address& from) {
    const auto waits = [&](const peer& each) { return each.host == from.host && !each.speaking; };
    const auto found = std::ranges::find_if(peers_, waits);
    const bool is_new = found == peers_.end();
    peer& who = is_new ? add(from) : *found;
    who.speaking = true;
    return {&who, is_new};
}

peer_table::arrival peer_table::add_both(const net_address& from, viewer& connection) {
    peer& who = add(from);
    who.listening = &connection;
    who.speaking = true;
    return {&who, true};
}

bool peer_table::forget_where_gone(peer& who) {
    if (who.listening != nullptr || who.speaking) return false;
    peers_.remove_if([&](const peer& each) { return &each == &who; });
    return true;
}

bool peer_table::remove_listener(peer& who) {
    who.listening = nullptr;
    return forget_where_gone(who);
}

bool peer_table::remove_speaker(peer& who) {
    who.speaking = false;
    return forget_where_gone(who);
}

std::vector<peer*> peer_table::find(std::string_view recipient) {
    std::vector<peer*> found;
    for (auto& each : peers_) {
        if (each.address == recipient || each.host == recipient) found.push_back(&each);
    }
    return found;
}

}  // namespace streamhost::chat
