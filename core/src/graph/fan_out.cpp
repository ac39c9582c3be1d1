#include <streamhost/fan_out.hpp>

#include <streamhost/message_stream.hpp>
#include <streamhost/outbox.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace streamhost {
namespace {

/// Sessions that have not said yet what they want. Beyond these the oldest gives way: a real viewer says it at once.
constexpr std::size_t most_opening = 64;

/// How long a viewer may take to close after its last word.
constexpr auto farewell_limit = std::chrono::seconds(1);

/// A viewer that is only sent something has nothing to say.
constexpr std::size_t most_ignored = 64 * 1024;

}  // namespace

class fan_out::seat final : public viewer {
public:
    explicit seat(stream session) : session_(std::move(session)) { channels_.set(); }

    stream& session() noexcept override { return session_; }
    void choose(channel_set channels) override { channels_ = channels; }
    const channel_set& channels() const noexcept override { return channels_; }

    void reply(wire_message content) override {
        if (waiting.reply(std::move(content))) {
            changed.set();
        } else {
            session_.close();
        }
    }

    void dismiss(wire_message last) override {
        last_word = std::move(last);
        changed.set();
    }

    outbox waiting;
    std::optional<wire_message> last_word;  // it is dismissed
    event changed;
    bool opening = false;
    bool gone = false;
    seats::iterator place;  // in `seats_`, or in `opening_` while that holds

private:
    stream session_;
    channel_set channels_;
};

fan_out::fan_out(module_context& host, listener entrance, options chosen)
    : host_(host),
      entrance_(std::move(entrance)),
      options_(std::move(chosen)),
      latest_(options_.queues.size()),
      count_viewers_(host.metric("viewers", "viewers now")),
      count_sent_(host.metric("viewer_messages_sent", "messages written to viewers")),
      count_bytes_(host.metric("viewer_bytes_sent", "bytes written to viewers")),
      count_dropped_(host.metric("viewer_messages_dropped", "messages that viewers were too slow for, or left behind")),
      count_stalled_(host.metric("viewers_stalled", "viewers cut because they took nothing for too long")),
      count_turned_away_(host.metric("viewers_turned_away", "sessions refused because `viewers.max` were there")) {}

// Where the module's tasks were ended hard, seats are left: nobody uses them any more, and their sessions close here.
fan_out::~fan_out() = default;

awaitable<void> fan_out::accept_viewers() {
    for (;;) {
        auto session = co_await entrance_.accept();
        if (!session && session.error() == errc::draining) break;
        if (!session) {
            host_.log().warn("cannot accept: {}", session.error().message());
            const bool go_on = co_await host_.sleep_for(std::chrono::milliseconds(100));
            if (!go_on) break;
            continue;
        }
        auto guest = std::make_shared<seat>(std::move(*session));
        if (options_.open) {
            make_room_for_opening();
            guest->place = opening_.insert(opening_.end(), guest);
            guest->opening = true;
        }
        host_.spawn(receive(std::move(guest)));
    }
}

bool fan_out::has_room() const noexcept { return seats_.size() < host_.viewers().max; }

std::string fan_out::turn_away(const stream& session) {
    count_turned_away_.add();
    host_.log().warn("{} turned away: {} viewers are here; raise `viewers.max` to let more in",
                     session.remote().to_string(), host_.viewers().max);
    return fmt::format("all {} places for viewers are taken", host_.viewers().max);
}

void fan_out::make_room_for_opening() {
    if (opening_.size() < most_opening) return;
    const auto oldest = opening_.front();
    opening_.pop_front();
    oldest->opening = false;
    oldest->session().close();
    host_.log().warn("{} gives way: {} sessions have connected and not said what they want",
                     oldest->session().remote().to_string(), most_opening);
}

awaitable<bool> fan_out::open(const std::shared_ptr<seat>& guest) {
    if (!options_.open) co_return true;
    const bool welcome = co_await options_.open(*guest);
    const bool gave_way = !std::exchange(guest->opening, false);
    if (!gave_way) opening_.erase(guest->place);
    co_return welcome && !gave_way;
}

awaitable<void> fan_out::receive(std::shared_ptr<seat> guest) {
    const bool welcome = co_await open(guest);
    if (!welcome || finishing_) co_return;
    if (!has_room()) {
        (void)turn_away(guest->session());
        co_return;
    }

    guest->place = seats_.insert(seats_.end(), guest);
    tell_viewers();
    host_.log().debug("viewer {} came; {} are here", guest->session().remote().to_string(), seats_.size());
    for (std::size_t channel = 0; channel < latest_.size(); ++channel) {
        if (!guest->channels().test(channel)) continue;
        guest->waiting.open(channel, options_.queues[channel]);
        if (latest_[channel].content && options_.begins_with_latest) store(guest, channel, latest_[channel]);
    }
    host_.spawn(write(guest));

    if (options_.listen) {
        co_await options_.listen(*guest);
    } else {
        const bool quiet = co_await discard(guest->session(), most_ignored);
        if (!quiet) {
            host_.log().warn("viewer {} is cut: it sends and sends, and nothing is taken here",
                             guest->session().remote().to_string());
        }
    }
    leave(guest, "it closed");
}

awaitable<void> fan_out::write(std::shared_ptr<seat> guest) {
    const duration stall = host_.viewers().stall_ms;
    auto& session = guest->session();
    while (!guest->gone) {
        if (guest->last_word) {
            co_await say_farewell(guest, *guest->last_word, "it was dismissed");
            break;
        }
        const auto next = guest->waiting.next(host_.clock().steady_ns());
        count_drops(*guest);  // of those that were too old
        if (!next.content && finishing_) {
            co_await say_farewell(guest, last_, "the stream has ended");
            break;
        }
        if (!next.content) {
            co_await guest->changed.wait();
            continue;
        }
        const auto done = co_await write_message(session, next.content, stall);
        if (!done) {
            if (done.error() == errc::timed_out) {
                count_stalled_.add();
                host_.log().warn("viewer {} took nothing for {} ms: cut", session.remote().to_string(),
                                 host_.viewers().stall_ms.count());
                leave(guest, "stalled");
            } else {
                leave(guest, done.error().message());
            }
            break;
        }
        count_sent_.add(next.is_reply ? 0 : 1);
        count_bytes_.add(next.content->size());
    }
}

awaitable<void> fan_out::say_farewell(std::shared_ptr<seat> guest, wire_message last, std::string reason) {
    const auto whole = std::make_shared<const wire_message>(std::move(last));
    // Who cannot take it any more is leaving anyway.
    (void)co_await write_message(guest->session(), whole, host_.viewers().stall_ms);
    guest->session().finish();
    // What the viewer has sent is read on until it closes too: a close with bytes unread is a reset, which takes the last
    // word with it.
    bool over = false;
    timer end(host_.timers());
    end.start_after(farewell_limit, [&] {
        over = true;
        guest->changed.set();
    });
    while (!guest->gone && !over) co_await guest->changed.wait();
    leave(guest, reason);
}

void fan_out::leave(const std::shared_ptr<seat>& guest, std::string_view reason) {
    if (std::exchange(guest->gone, true)) return;
    host_.log().debug("viewer {} left: {}", guest->session().remote().to_string(), reason);
    seats_.erase(guest->place);
    tell_viewers();
    count_drops(*guest);
    count_dropped_.add(guest->waiting.waiting());
    guest->session().close();
    guest->changed.set();
    left_.set();
}

void fan_out::tell_viewers() {
    count_viewers_.set(seats_.size());
    if (options_.on_viewers) options_.on_viewers(seats_.size());
}

void fan_out::count_drops(seat& guest) { count_dropped_.add(guest.waiting.take_drops()); }

void fan_out::store(const std::shared_ptr<seat>& guest, std::size_t channel, const published& message) {
    const bool stays =
        guest->waiting.store(channel, message.content, message.arrived_ns, host_.clock().steady_ns());
    if (!stays) {
        leave(guest, "too slow for the policy `disconnect`");
        return;
    }
    count_drops(*guest);
    guest->changed.set();
}

void fan_out::publish(wire_message content, std::int64_t arrived_ns, std::size_t channel) {
    auto& latest = latest_.at(channel);
    latest = {std::make_shared<const wire_message>(std::move(content)), arrived_ns};
    for (auto next = seats_.begin(); next != seats_.end();) {
        const auto guest = *next++;  // leave() takes it off the list
        if (guest->channels().test(channel)) store(guest, channel, latest);
    }
}

void fan_out::send_to(viewer& one, wire_message content, std::int64_t arrived_ns) {
    const auto found = std::ranges::find_if(seats_, [&](const auto& guest) { return guest.get() == &one; });
    if (found == seats_.end()) return;  // it was cut
    const auto guest = *found;
    store(guest, 0, {std::make_shared<const wire_message>(std::move(content)), arrived_ns});
}

awaitable<void> fan_out::finish(duration limit, wire_message last) {
    finishing_ = true;
    last_ = std::move(last);
    entrance_.close();
    for (const auto& guest : opening_) guest->session().close();
    for (const auto& guest : seats_) guest->changed.set();
    bool expired = false;
    timer deadline(host_.timers());
    deadline.start_after(limit, [&] {
        expired = true;
        left_.set();
    });
    while (!seats_.empty() && !expired) co_await left_.wait();
    while (!seats_.empty()) {
        const auto guest = seats_.front();
        leave(guest, "it did not take the end of the stream in time");
    }
}

}  // namespace streamhost
