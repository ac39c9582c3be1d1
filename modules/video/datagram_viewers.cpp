#include "datagram_viewers.hpp"

#include <algorithm>
#include <utility>

namespace streamhost::video {

using base64_jpeg::request;

datagram_viewers::list::iterator datagram_viewers::find(list& in, const net_address& address) {
    return std::ranges::find(in, address, &viewer::address);
}

datagram_viewers::outcome datagram_viewers::hear(const net_address& from, request asked, bool allowed,
                                                 steady_time now) {
    if (asked == request::nothing) return outcome::ignored;
    const auto known = find(viewers_, from);
    if (asked == request::bye) {
        // Only who asks again can come back, should another have written its address on this.
        if (known == viewers_.end() || !known->asks_again) return outcome::ignored;
        remove(known, "it said bye");
        return outcome::gone;
    }
    if (known != viewers_.end()) {
        known->heard = now;
        known->asks_again |= asked == request::view;
        known->allowed |= allowed;
        return outcome::viewing;
    }
    viewer newcomer{.address = from, .heard = now, .allowed = allowed, .asks_again = asked == request::view, .since = now};
    newcomer.chatted = options_.in_chat(from.host);
    if (!newcomer.allowed && !newcomer.chatted) {
        remember(std::move(newcomer));
        return outcome::unproven;
    }
    add(std::move(newcomer));
    return outcome::viewing;
}

void datagram_viewers::add(viewer newcomer) {
    if (viewers_.size() >= options_.most) {
        remove(std::ranges::min_element(viewers_, {}, &viewer::heard), "another took its place");
    }
    viewers_.push_back(std::move(newcomer));
    options_.joined(viewers_.back());
    owe(viewers_.back());
}

datagram_viewers::list::iterator datagram_viewers::remove(list::iterator which, std::string_view why) {
    const auto gone = std::move(*which);
    const auto next = viewers_.erase(which);
    options_.left(gone, why);
    return next;
}

void datagram_viewers::remember(viewer unproven) {
    const auto before = find(waiting_, unproven.address);
    if (before != waiting_.end()) {
        unproven.since = before->since;
        unproven.told = before->told;
        waiting_.erase(before);
    }
    if (waiting_.size() >= options_.most_waiting) waiting_.erase(waiting_.begin());
    waiting_.push_back(std::move(unproven));
}

void datagram_viewers::refused(const net_address& by) {
    const auto known = find(viewers_, by);
    if (known != viewers_.end()) remove(known, "nobody receives there any more");
}

void datagram_viewers::chat_began(const std::string& host, steady_time now) {
    for (auto& each : viewers_) each.chatted |= each.address.host == host;
    std::vector<viewer> proven;
    for (auto& each : waiting_) {
        if (each.address.host == host && now - each.heard <= options_.patience) proven.push_back(each);
    }
    std::erase_if(waiting_, [&](const viewer& each) { return each.address.host == host; });
    for (auto& each : proven) {
        each.chatted = true;
        add(std::move(each));
    }
}

void datagram_viewers::chat_ended(const std::string& host) {
    const auto ends = [&](const viewer& each) {
        const bool unproven_now = !each.allowed;
        const bool ended_with_it = each.chatted && !each.asks_again;
        return each.address.host == host && (unproven_now || ended_with_it);
    };
    for (auto each = viewers_.begin(); each != viewers_.end();) {
        each = ends(*each) ? remove(each, "its chat has ended") : each + 1;
    }
}

void datagram_viewers::expire(steady_time now) {
    for (auto each = viewers_.begin(); each != viewers_.end();) {
        const bool silent = each->asks_again && now - each->heard > options_.silence;
        each = silent ? remove(each, "it has asked no more") : each + 1;
    }
    std::erase_if(waiting_, [&](const viewer& each) { return now - each.heard > options_.patience; });
    for (auto& each : waiting_) {
        if (now - each.since < options_.doubt || std::exchange(each.told, true)) continue;
        options_.unproven(each);
    }
}

void datagram_viewers::owe(viewer& one) const {
    one.owed = true;
    one.due = false;
    one.taken = 0;
    if (!one.record) return;
    one.record->waiting.set(1);
    one.record->arrived_ns.set(static_cast<std::uint64_t>(arrived_ns_));
}

void datagram_viewers::settle(viewer& one, counter viewer_record::*outcome) {
    one.owed = false;
    if (!one.record) return;
    ((*one.record).*outcome).add();
    one.record->waiting.set(0);
    one.record->arrived_ns.set(0);
}

void datagram_viewers::owe_all(std::int64_t arrived_ns) {
    arrived_ns_ = arrived_ns;
    for (auto& each : viewers_) {
        if (each.owed) settle(each, &viewer_record::replaced);
        owe(each);
    }
}

std::size_t datagram_viewers::drop() {
    std::size_t unpaid = 0;
    for (auto& each : viewers_) {
        if (!each.owed) continue;
        settle(each, &viewer_record::unsent);
        ++unpaid;
    }
    return unpaid;
}

void datagram_viewers::excuse() {
    for (auto& each : viewers_) {
        each.owed = false;
        if (each.record) each.record->waiting.set(0);
    }
}

bool datagram_viewers::any_owed() const noexcept { return std::ranges::any_of(viewers_, &viewer::owed); }

bool datagram_viewers::any_begun() const noexcept {
    return std::ranges::any_of(viewers_, [](const viewer& each) { return each.owed && each.taken > 0; });
}

bool datagram_viewers::begin_round(bool beginners) {
    bool any = false;
    for (auto& each : viewers_) {
        each.due = each.owed && (beginners || each.taken > 0);
        any |= each.due;
    }
    return any;
}

const datagram_viewers::viewer* datagram_viewers::next_due() {
    for (std::size_t looked = 0; looked < viewers_.size(); ++looked) {
        const auto at = (turn_ + looked) % viewers_.size();
        if (!viewers_[at].owed || !viewers_[at].due) continue;
        turn_ = at;
        return &viewers_[at];
    }
    return nullptr;
}

void datagram_viewers::pay(std::size_t bytes, std::size_t datagrams, bool all) {
    auto& one = viewers_[turn_];
    ++turn_;
    one.due = false;
    one.taken += bytes;
    one.datagrams += datagrams;
    if (!all) return;
    if (one.record) one.record->bytes.add(one.taken);
    settle(one, &viewer_record::delivered);
}

void datagram_viewers::give_up() {
    settle(viewers_[turn_], &viewer_record::unsent);
    ++turn_;
}

}  // namespace streamhost::video
