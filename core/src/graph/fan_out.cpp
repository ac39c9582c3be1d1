#include <streamhost/fan_out.hpp>

#include "graph/message_queue.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <array>
#include <deque>

namespace streamhost {
namespace {

/// Answers that may wait for one viewer: it has to read what it asks for.
constexpr std::size_t most_replies = 16;

/// Sessions that have not said yet what they want. Beyond these the oldest gives way: a real viewer says it at once.
constexpr std::size_t most_opening = 64;

using buffers = boost::container::static_vector<asio::const_buffer, wire_message::most_pieces>;

buffers buffers_of(const wire_message& content) {
    buffers list;
    for (const auto& piece : content.pieces) list.push_back(asio::buffer(piece.data(), piece.size()));
    return list;
}

envelope make_stored(wire_message content, std::int64_t arrived_ns) {
    envelope message;
    message.size = content.size();
    message.payload = std::make_shared<const wire_message>(std::move(content));
    message.arrived_ns = arrived_ns;
    return message;
}

}  // namespace

class fan_out::seat final : public viewer {
public:
    seat(stream session, const queue_options& queue) : queue(queue), session_(std::move(session)) {}

    stream& session() noexcept override { return session_; }

    void reply(wire_message content) override {
        if (replies.size() >= most_replies) {
            session_.close();
            return;
        }
        replies.push_back(std::move(content));
        changed.set();
    }

    message_queue queue;
    std::deque<wire_message> replies;
    event changed;
    bool opening = false;
    bool gone = false;
    std::uint64_t counted_drops = 0;
    seats::iterator place;  // in `seats_`, or in `opening_` while that holds

private:
    stream session_;
};

fan_out::fan_out(module_context& host, listener entrance, options chosen)
    : host_(host),
      entrance_(std::move(entrance)),
      options_(std::move(chosen)),
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
        auto guest = std::make_shared<seat>(std::move(*session), options_.queue);
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
    const bool welcome = co_await options_.open(guest->session());
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
    if (latest_ && options_.begins_with_latest) guest->queue.push(latest_, host_.clock().steady_ns());
    host_.spawn(write(guest));

    if (options_.listen) {
        co_await options_.listen(*guest);
    } else {
        std::array<std::byte, 512> ignored;
        for (;;) {
            const auto count = co_await guest->session().read_some(ignored);
            if (!count) break;
        }
    }
    leave(guest, "it closed");
}

awaitable<void> fan_out::write(std::shared_ptr<seat> guest) {
    const duration stall = host_.viewers().stall_ms;
    auto& session = guest->session();
    while (!guest->gone) {
        wire_message reply;
        envelope next;
        const wire_message* content = nullptr;
        if (!guest->replies.empty()) {
            reply = std::move(guest->replies.front());
            guest->replies.pop_front();
            content = &reply;
        } else if (guest->queue.pop(next, host_.clock().steady_ns())) {
            count_drops(*guest);  // of those that were too old
            content = static_cast<const wire_message*>(next.payload.get());
        } else if (finishing_) {
            const auto list = buffers_of(last_);
            const std::span<const asio::const_buffer> span(list.data(), list.size());
            (void)co_await session.write(span, stall);  // who cannot take it any more is leaving anyway
            session.finish();
            leave(guest, "the stream has ended");
            break;
        } else {
            co_await guest->changed.wait();
            continue;
        }
        const auto list = buffers_of(*content);
        const std::span<const asio::const_buffer> span(list.data(), list.size());
        const auto done = co_await session.write(span, stall);
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
        count_sent_.add(content == &reply ? 0 : 1);
        count_bytes_.add(content->size());
    }
}

void fan_out::leave(const std::shared_ptr<seat>& guest, std::string_view reason) {
    if (std::exchange(guest->gone, true)) return;
    host_.log().debug("viewer {} left: {}", guest->session().remote().to_string(), reason);
    seats_.erase(guest->place);
    tell_viewers();
    count_drops(*guest);
    count_dropped_.add(guest->queue.depth.value());
    guest->session().close();
    guest->changed.set();
    left_.set();
}

void fan_out::tell_viewers() {
    count_viewers_.set(seats_.size());
    if (options_.on_viewers) options_.on_viewers(seats_.size());
}

void fan_out::count_drops(seat& guest) {
    std::uint64_t sum = 0;
    for (const auto& reason : guest.queue.dropped) sum += reason.value();
    count_dropped_.add(sum - std::exchange(guest.counted_drops, sum));
}

void fan_out::store(const std::shared_ptr<seat>& guest, const envelope& message) {
    const auto stored = guest->queue.push(message, host_.clock().steady_ns());
    if (stored == message_queue::outcome::dropped && options_.queue.policy == queue_policy::disconnect) {
        leave(guest, "too slow for the policy `disconnect`");
        return;
    }
    count_drops(*guest);
    guest->changed.set();
}

void fan_out::publish(wire_message content, std::int64_t arrived_ns) {
    latest_ = make_stored(std::move(content), arrived_ns);
    for (auto next = seats_.begin(); next != seats_.end();) {
        const auto guest = *next++;  // leave() takes it off the list
        store(guest, latest_);
    }
}

void fan_out::send_to(viewer& one, wire_message content, std::int64_t arrived_ns) {
    const auto found = std::ranges::find_if(seats_, [&](const auto& guest) { return guest.get() == &one; });
    if (found == seats_.end()) return;  // it was cut
    const auto guest = *found;
    store(guest, make_stored(std::move(content), arrived_ns));
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
