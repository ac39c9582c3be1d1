#include "graph/viewer_shard.hpp"

#include "async/prefetch.hpp"

#include <streamhost/outbox.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace streamhost {
namespace {

/// Viewers that are written to before the lane's other work has a turn: half a millisecond of writing.
constexpr std::size_t most_at_once = 64;

/// How long a viewer may take to close after its last word.
constexpr auto farewell_limit = std::chrono::seconds(1);

/// Reads of one viewer before the others have a turn.
constexpr int most_reads_at_once = 4;

}  // namespace

void viewer_seat::reply(wire_message content) {
    if (gone_) return;
    if (more().replies.size() >= outbox::most_replies) {
        if (shard_ != nullptr) shard_->leave(*this, "it asks and does not read the answers", false);
        return;
    }
    more().replies.push_back(std::make_shared<const broadcast>(std::move(content), 0));
    if (shard_ != nullptr) shard_->pump(*this);
}

void viewer_seat::dismiss(wire_message last) {
    if (gone_) return;
    more().last_word = std::make_shared<const broadcast>(std::move(last), 0);
    if (shard_ != nullptr) shard_->pump(*this);
}

viewer_shard::viewer_shard(options chosen)
    : options_(std::move(chosen)),
      logs_(options_.queues.begin(), options_.queues.end()),
      limits_age_(std::ranges::any_of(options_.queues, [](const auto& queue) { return queue.age.count() != 0; })),
      sweep_(options_.timers) {}

void viewer_shard::add(std::shared_ptr<viewer_seat> guest, std::unique_ptr<viewer_ear> ear) {
    guest->shard_ = this;
    guest->index_ = seats_.size();
    guest->ear_ = std::move(ear);
    auto name = guest->session_.remote().to_string();
    if (!guest->shown_.empty()) name += " " + guest->shown_;
    guest->record_ = options_.records.add(std::move(name), queue_of(*guest));
    for (std::size_t channel = 0; channel < logs_.size(); ++channel) {
        if (!guest->channels_.test(channel)) continue;
        const auto& log = logs_[channel];
        guest->places_.push_back({channel, options_.begins_with_latest ? log.joining_place() : log.end()});
    }
    auto& one = *guest;
    seats_.push_back(std::move(guest));
    if (one.ear_) await_words(one);
    pump(one);
}

void viewer_shard::publish(std::size_t channel, std::shared_ptr<const broadcast> message,
                           std::shared_ptr<const memory_file> file) {
    file_of_ = message.get();
    file_ = std::move(file);
    logs_[channel].add(std::move(message));
    remaining_ = seats_.size();
    if (walking_) return;
    for (auto& log : logs_) log.begin_round();
    // Elsewhere each time, so that nobody is always the last.
    next_ += seats_.size() * 3 / 8 + 1;
    if (!seats_.empty()) next_ %= seats_.size();
    walk();
}

/// Comes to every seat once after the last message, in pieces.
void viewer_shard::walk() {
    for (std::size_t visited = 0; visited < most_at_once && remaining_ > 0 && !seats_.empty(); ++visited) {
        if (next_ >= seats_.size()) next_ = 0;
        const auto guest = seats_[next_].get();  // who leaves meanwhile is kept by the news of it
        fetch_ahead();
        --remaining_;
        visit(*guest);
        if (guest->gone_) continue;
        for (const auto& place : guest->places_) logs_[place.channel].note(place.next);
        ++next_;
    }
    walking_ = remaining_ > 0 && !seats_.empty();
    if (walking_) {
        asio::post(options_.as, [self = shared_from_this()] { self->walk(); });
    } else {
        for (auto& log : logs_) log.end_round();
        file_.reset();
        file_of_ = nullptr;
    }
}

/// Each write moves a whole message through the cache, which drives out what the next viewers keep there: their memory is
/// asked for before the writes that come first, so that nobody waits for it. Two steps: where a seat points to is known
/// only once the seat is there.
void viewer_shard::fetch_ahead() const {
    prefetch(seats_[(next_ + 2) % seats_.size()].get(), sizeof(viewer_seat));
    const auto& soon = *seats_[(next_ + 1) % seats_.size()];
    soon.session_.prefetch();
    prefetch(soon.record_.get(), sizeof(viewer_record));
}

void viewer_shard::visit(viewer_seat& guest) {
    if (!guest.blocked_) {
        pump(guest);
        return;
    }
    for (auto& place : guest.places_) {
        if (logs_[place.channel].is_overrun(place.next)) {
            leave(guest, "too slow for the policy `disconnect`", false);
            return;
        }
    }
    settle(guest);
    show_waiting(guest);
}

/// What the policies drop while the viewer takes nothing is counted at once, not when it goes on.
void viewer_shard::settle(viewer_seat& guest) {
    const auto now = limits_age_ ? now_ns() : 0;
    for (auto& place : guest.places_) {
        const auto over = logs_[place.channel].settle(place.next, now);
        if (over.replaced + over.aged == 0) continue;
        guest.record_->replaced.add(over.replaced);
        guest.record_->aged.add(over.aged);
        options_.replaced.add(over.replaced);
        options_.aged.add(over.aged);
        options_.dropped.add(over.replaced + over.aged);
    }
}

viewer_shard::choice viewer_shard::next_message(const viewer_seat& guest, bool any_size) const {
    const auto count = guest.places_.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto which = count == 1 ? 0 : (guest.turn_ + i) % count;
        const auto& place = guest.places_[which];
        choice found{logs_[place.channel].at(place.next), viewer_seat::role::message, which};
        if (guest.extras_ && place.channel == 0) {
            const auto& own = guest.extras_->only_for_it;
            if (!own.empty() && own.front().behind <= place.next) {
                found.message = &own.front().content;
                found.only_for_it = true;
            }
        }
        if (found.message != nullptr && (any_size || (*found.message)->size < outbox::small_message)) return found;
    }
    return {};
}

viewer_shard::choice viewer_shard::next_for(viewer_seat& guest) {
    if (guest.extras_) {
        if (!guest.extras_->replies.empty()) return {&guest.extras_->replies.front(), viewer_seat::role::reply};
        if (guest.extras_->last_word) return {&guest.extras_->last_word, viewer_seat::role::last_word};
    }
    settle(guest);
    auto found = guest.places_.size() > 1 ? next_message(guest, false) : choice{};
    if (found.message == nullptr) found = next_message(guest, true);
    if (found.message == nullptr && finishing_) return {&last_, viewer_seat::role::last_word};
    return found;
}

result<std::size_t> viewer_shard::write(viewer_seat& guest, const broadcast& message, std::size_t offset) {
    if (message.size == 0) return 0;
    if (file_ && file_of_ == &message) {
        const auto count = guest.session_.try_write(*file_, offset);
        if (count || count.error() != errc::unsupported) return count;
    }
    if (offset == 0) return guest.session_.try_write(message.buffers);
    return guest.session_.try_write(message.rest(offset));
}

/// Writes what there is for the viewer until its side is full.
void viewer_shard::pump(viewer_seat& guest) {
    while (!guest.gone_ && !guest.blocked_ && !guest.said_all_) {
        choice chosen{&guest.current_, guest.current_role_};
        const bool goes_on = guest.current_ != nullptr;
        if (!goes_on) chosen = next_for(guest);
        if (chosen.message == nullptr) return;
        const auto& message = **chosen.message;
        const auto count = write(guest, message, guest.offset_);
        if (!count) {
            if (count.error() == asio::error::would_block) {
                block(guest, false);
            } else {
                leave(guest, count.error().message(), false);
            }
            return;
        }
        guest.offset_ += *count;
        const bool whole = guest.offset_ == message.size;
        if (!whole && !goes_on) {
            guest.current_ = *chosen.message;
            guest.current_role_ = chosen.role;
        }
        if (whole) written(guest, message, chosen.role);
        if (!goes_on) take(guest, chosen);
        if (!whole) {
            block(guest, true);
            return;
        }
        guest.current_.reset();
        guest.offset_ = 0;
    }
}

/// The message that was chosen has been begun: it waits no more.
void viewer_shard::take(viewer_seat& guest, const choice& chosen) {
    switch (chosen.role) {
        case viewer_seat::role::reply: guest.extras_->replies.pop_front(); break;
        case viewer_seat::role::last_word: break;
        case viewer_seat::role::message:
            if (chosen.only_for_it) {
                guest.extras_->only_for_it.pop_front();
            } else {
                ++guest.places_[chosen.place].next;
            }
            guest.turn_ = chosen.place + 1;
    }
}

void viewer_shard::written(viewer_seat& guest, const broadcast& message, viewer_seat::role role) {
    options_.bytes.add(message.size);
    guest.record_->bytes.add(message.size);
    if (guest.cut_at_ns_ != 0) {
        guest.cut_at_ns_ = 0;
        guest.record_->arrived_ns.set(0);
        guest.record_->waiting.set(0);
    }
    if (role == viewer_seat::role::message) {
        options_.sent.add();
        guest.record_->delivered.add();
    } else if (role == viewer_seat::role::last_word) {
        // What the viewer has sent is read on until it closes too: a close with bytes unread is a reset, which takes the
        // last word with it.
        guest.said_all_ = true;
        guest.session_.finish();
        cut_later(guest, farewell_limit);
    }
}

void viewer_shard::block(viewer_seat& guest, bool moved) {
    guest.blocked_ = true;
    if (guest.current_) guest.record_->arrived_ns.set(static_cast<std::uint64_t>(guest.current_->arrived_ns));
    show_waiting(guest);
    if (moved || guest.cut_at_ns_ == 0) cut_later(guest, options_.stall);
    guest.session_.when_writable([self = guest.shared_from_this()] {
        if (self->gone_) return;
        self->blocked_ = false;
        self->shard_->pump(*self);
    });
}

std::size_t viewer_shard::waiting_for(const viewer_seat& guest) const {
    std::size_t sum = guest.extras_ ? guest.extras_->only_for_it.size() : 0;
    for (const auto& place : guest.places_) sum += logs_[place.channel].end() - place.next;
    return sum;
}

void viewer_shard::show_waiting(viewer_seat& guest) const {
    guest.record_->waiting.set(waiting_for(guest) + (guest.current_ ? 1 : 0));
}

void viewer_shard::leave(viewer_seat& guest, std::string_view reason, bool stalled) {
    if (std::exchange(guest.gone_, true)) return;
    settle(guest);
    const auto left_behind = waiting_for(guest);
    options_.left_behind.add(left_behind);
    options_.dropped.add(left_behind);
    guest.session_.close();
    guest.current_.reset();
    guest.record_.reset();
    auto self = std::exchange(seats_[guest.index_], std::move(seats_.back()));
    seats_.pop_back();
    if (guest.index_ < seats_.size()) seats_[guest.index_]->index_ = guest.index_;
    if (walking_ || remaining_ > 0) remaining_ = seats_.size();  // the order has changed: nobody is to be left out
    options_.on_departure({std::move(self), std::string(reason), stalled});
}

void viewer_shard::forget_latest() {
    for (auto& log : logs_) log.forget_newest();
}

void viewer_shard::end_channel(std::size_t channel, const std::string& why) {
    logs_[channel].forget_newest();
    const auto all = seats_;
    for (const auto& guest : all) {
        if (guest->channels_.test(channel)) leave(*guest, why, false);
    }
}

/// Of the first channel that it has; who only sends has none.
queue_options viewer_shard::queue_of(const viewer_seat& guest) const {
    for (std::size_t channel = 0; channel < logs_.size(); ++channel) {
        if (guest.channels_.test(channel)) return logs_[channel].options();
    }
    return {};
}

void viewer_shard::send_to(viewer_seat& one, std::shared_ptr<const broadcast> message) {
    if (one.gone_ || one.shard_ != this) return;
    auto& own = one.more().only_for_it;
    const auto& queue = logs_.front().options();
    if (own.size() >= queue.items) {
        if (queue.policy == queue_policy::disconnect) {
            leave(one, "too slow for the policy `disconnect`", false);
            return;
        }
        own.pop_front();
        one.record_->replaced.add();
        options_.replaced.add();
        options_.dropped.add();
    }
    own.push_back({logs_.front().end(), std::move(message)});
    pump(one);
}

void viewer_shard::finish(std::shared_ptr<const broadcast> last) {
    last_ = std::move(last);
    finishing_ = true;
    const auto all = seats_;  // some leave at once
    for (const auto& guest : all) pump(*guest);
}

void viewer_shard::close() {
    sweep_.stop();
    remaining_ = 0;
    for (const auto& guest : std::exchange(seats_, {})) {
        guest->gone_ = true;
        guest->record_.reset();
        guest->session_.close();
    }
}

void viewer_shard::await_words(viewer_seat& guest) {
    guest.session_.when_readable([self = guest.shared_from_this()] {
        if (!self->gone_) self->shard_->hear(*self);
    });
}

void viewer_shard::hear(viewer_seat& guest) {
    std::array<std::byte, 4096> buffer;
    for (int reads = 0; reads < most_reads_at_once; ++reads) {
        const auto count = guest.session_.try_read(buffer);
        if (!count && count.error() == asio::error::would_block) break;
        if (!count) {
            leave(guest, count.error() == errc::end_of_stream ? "it closed" : count.error().message(), false);
            return;
        }
        const bool dismissed = guest.said_all_ || (guest.extras_ && guest.extras_->last_word);
        if (dismissed) continue;
        auto objection = guest.ear_->hear(guest, std::span(buffer).first(*count));
        if (guest.gone_) return;
        if (!objection) continue;
        if (!objection->why.empty()) options_.on_objection(guest.session_.remote(), objection->why);
        if (objection->last_word.pieces.empty()) {
            leave(guest, objection->why, false);
            return;
        }
        guest.dismiss(std::move(objection->last_word));
        if (guest.gone_) return;
    }
    if (guest.ear_->is_waiting_for_more()) {
        if (guest.say_by_ns_ == 0) guest.say_by_ns_ = sweep_after(options_.message);
    } else {
        guest.say_by_ns_ = 0;
    }
    await_words(guest);
}

void viewer_shard::cut_later(viewer_seat& guest, duration delay) {
    guest.cut_at_ns_ = sweep_after(delay);
}

/// The time that is then, at which the sweep comes at the latest.
std::int64_t viewer_shard::sweep_after(duration delay) {
    const auto at_ns = now_ns() + delay.count();
    if (sweep_at_ns_ == 0 || at_ns < sweep_at_ns_) start_sweep(at_ns);
    return at_ns;
}

void viewer_shard::start_sweep(std::int64_t at_ns) {
    sweep_at_ns_ = at_ns;
    sweep_.start_after(duration(std::max<std::int64_t>(0, at_ns - now_ns())), [this] { sweep(); });
}

/// Cuts those whose time is over. One timer serves all: most of them never need it.
void viewer_shard::sweep() {
    sweep_at_ns_ = 0;
    const auto now = now_ns();
    std::int64_t earliest = 0;
    for (std::size_t i = seats_.size(); i-- > 0;) {
        auto& guest = *seats_[i];
        if (guest.cut_at_ns_ != 0 && guest.cut_at_ns_ <= now) {
            const bool stalled = !guest.said_all_;
            leave(guest, stalled ? "stalled" : "it did not close after the end", stalled);
        } else if (guest.say_by_ns_ != 0 && guest.say_by_ns_ <= now) {
            leave(guest, "it has begun to say something and does not go on", false);
        } else {
            for (const auto at_ns : {guest.cut_at_ns_, guest.say_by_ns_}) {
                if (at_ns != 0 && (earliest == 0 || at_ns < earliest)) earliest = at_ns;
            }
        }
    }
    if (earliest != 0) start_sweep(earliest);
}

}  // namespace streamhost
