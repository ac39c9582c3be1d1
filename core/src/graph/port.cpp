#include <streamhost/port.hpp>

#include "graph/link.hpp"

#include <streamhost/assert.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace streamhost {
namespace {

/// What other threads may post ahead of the lane: a second of a 1 kHz sensor.
constexpr std::size_t most_posted = 1024;

/// A jump of the wall clock shows in the labels after this at the latest. Reading it for each message would cost as much
/// as the rest of sending.
constexpr std::int64_t wall_reading_ns = 100'000'000;

}  // namespace

input_port::input_port(std::string name, executor on, const clock& time)
    : name_(std::move(name)), executor_(std::move(on)), clock_(time) {}

bool input_port::try_next(envelope& into) {
    const auto now_ns = clock_.steady_ns();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        auto& from = *links_[turn_ % links_.size()];
        ++turn_;
        if (!from.pop(into, now_ns)) continue;
        last_ = &from;
        return true;
    }
    return false;
}

bool input_port::ended() const {
    for (const auto* from : links_) {
        if (!from->finished()) return false;
    }
    return true;
}

awaitable<void> input_port::wait() {
    // Announced first, looked at again after: a sender on another lane that stored in between sees the announcement.
    sleeping_.store(true);
    const bool ready = std::any_of(links_.begin(), links_.end(), [](const link* from) { return !from->empty(); });
    if ((ready || ended()) && sleeping_.exchange(false)) co_return;
    co_await changed_.wait();
}

awaitable<void> input_port::wait_beyond_end() {
    sleeping_.store(true);
    const bool ready = std::any_of(links_.begin(), links_.end(), [](const link* from) { return !from->empty(); });
    if (ready && sleeping_.exchange(false)) co_return;
    co_await changed_.wait();
}

const link_source& input_port::last_source() const noexcept {
    STREAMHOST_ASSERT(last_ != nullptr);
    return last_->source();
}

std::vector<link_source> input_port::sources() const {
    std::vector<link_source> all;
    for (const auto* from : links_) all.push_back(from->source());
    return all;
}

awaitable<envelope> input_port::next_any() {
    envelope content;
    while (!try_next(content)) {
        if (ended()) co_return envelope{};
        co_await wait();
    }
    co_return content;
}

void input_port::wake() {
    // Mostly nobody sleeps, and looking costs less than exchanging.
    if (!sleeping_.load() || !sleeping_.exchange(false)) return;
    asio::post(executor_, [this] { changed_.set(); });
}

void input_port::set_running(bool running) {
    running_.store(running, std::memory_order_release);
    if (!running) {
        for (auto* from : links_) from->receiver_stopped();
    }
}

void input_port::attach(link& from, const message_type* type) {
    links_.push_back(&from);
    if (type != nullptr) type_ = type;
    ++link_changes_;
    wake();  // it may hold something already
}

void input_port::detach(const link& from) {
    std::erase(links_, &from);
    if (last_ == &from) last_ = nullptr;
    ++link_changes_;
    wake();
}

output_port::output_port(std::string name, executor on, timer_queue& timers, message_origin origin)
    : name_(std::move(name)), executor_(std::move(on)), timers_(timers), origin_(origin) {}

void output_port::stamp(envelope& content) {
    stamp_arrival(content);
    auto& header = content.header;
    header.origin = origin_;
    header.epoch = epoch_;
    header.sequence = ++sequence_;
    if (header.steady_ns == 0) {
        header.steady_ns = content.arrived_ns;
        header.wall_ns = wall_ns_at(content.arrived_ns);
        header.local_ns = header.steady_ns;
    }
}

std::int64_t output_port::wall_ns_at(std::int64_t steady_ns) {
    if (wall_read_ns_ == 0 || steady_ns - wall_read_ns_ >= wall_reading_ns) {
        wall_offset_ns_ = timers_.time().wall_ns() - steady_ns;
        wall_read_ns_ = steady_ns;
    }
    return steady_ns + wall_offset_ns_;
}

output_port::link_set output_port::offer(envelope& content) {
    sent.add();
    link_set held_back;
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (links_[i] == nullptr) continue;
        held_back[i] =
            links_[i]->has_line() || links_[i]->push(content, content.arrived_ns) == link::outcome::full;
    }
    return held_back;
}

/// A message's places in the lines of the links that hold it back; given up wherever the wait ends.
class output_port::places {
public:
    places(output_port& port, const link_set& held_back) : port_(port), ticket_(port.next_ticket_++) {
        ++port.held_back_;
        for (std::size_t i = 0; i < port_.links_.size(); ++i) {
            if (held_back[i]) port_.links_[i]->line_up(ticket_);
        }
    }
    places(const places&) = delete;
    places& operator=(const places&) = delete;
    ~places() {
        --port_.held_back_;
        for (auto* each : port_.links_) {
            if (each != nullptr) leave(*each);
        }
    }

    bool is_first(const link& at) const noexcept { return at.is_first(ticket_); }
    void leave(link& at) {
        if (!at.has_line()) return;
        at.leave_line(ticket_);
        if (at.has_line()) port_.look_again();
    }

private:
    output_port& port_;
    const std::uint64_t ticket_;
};

awaitable<void> output_port::settle(envelope content, link_set held_back) {
    const auto begun = timers_.time().now();
    places line(*this, held_back);
    timer deadline(timers_);
    for (;;) {
        const auto now = timers_.time().now();
        auto next_deadline = steady_time::max();
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (!held_back[i]) continue;
            if (links_[i] == nullptr) {
                held_back.reset(i);
                continue;
            }
            auto& to = *links_[i];
            const auto until = begun + to.options().wait;
            const bool full = !line.is_first(to) ||
                              to.push(content, now.time_since_epoch().count()) == link::outcome::full;
            if (full && now < until) {
                next_deadline = std::min(next_deadline, until);
                continue;
            }
            if (full) to.give_up(drop_reason::timeout);
            held_back.reset(i);
            line.leave(to);
        }
        if (held_back.none()) co_return;
        deadline.start(next_deadline, [this] { look_again(); });
        co_await room_.wait();
    }
}

void output_port::post_any(envelope content) {
    bool wake_up = false;
    {
        const std::lock_guard lock(posted_mutex_);
        if (posted_.size() >= most_posted) {
            post_dropped.add();
            return;
        }
        wake_up = posted_.empty();
        posted_.push_back(std::move(content));
    }
    if (wake_up) asio::post(executor_, [this] { take_posted(); });
}

void output_port::take_posted() {
    std::deque<envelope> batch;
    {
        const std::lock_guard lock(posted_mutex_);
        batch.swap(posted_);
    }
    for (auto& content : batch) {
        stamp(content);
        const auto held_back = offer(content);
        for (std::size_t i = 0; i < links_.size(); ++i) {
            if (held_back[i]) links_[i]->give_up(drop_reason::rejected);
        }
    }
}

awaitable<void> output_port::forward_any(envelope content) {
    stamp_arrival(content);
    const auto held_back = offer(content);
    if (held_back.any()) co_await settle(std::move(content), held_back);
}

bool output_port::linked() const noexcept {
    return std::ranges::any_of(links_, [](const link* each) { return each != nullptr; });
}

void output_port::attach(link& to, const message_type* type) {
    if (type != nullptr) type_ = type;
    // A message that is held back should not find another link in the place that it remembers: it would be lost to it.
    const bool has_places = links_.size() < link_set().size();
    const auto free = held_back_ == 0 || !has_places ? std::ranges::find(links_, nullptr) : links_.end();
    if (free != links_.end()) {
        *free = &to;
        return;
    }
    STREAMHOST_ASSERT(has_places);
    links_.push_back(&to);
}

void output_port::detach(const link& to) {
    std::ranges::replace(links_, const_cast<link*>(&to), nullptr);
    look_again();
}

void output_port::close() {
    take_posted();  // what was posted before the end comes before it
    for (auto* to : links_) {
        if (to != nullptr) to->close();
    }
}

void output_port::reopen() {
    ++epoch_;
    for (auto* to : links_) {
        if (to != nullptr) to->reopen();
    }
}

}  // namespace streamhost
