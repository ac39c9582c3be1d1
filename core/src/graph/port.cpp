#include <streamhost/port.hpp>

#include "graph/link.hpp"

#include <streamhost/assert.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>

namespace streamhost {
namespace {

/// What other threads may post ahead of the lane: a second of a 1 kHz sensor.
constexpr std::size_t most_posted = 1024;

}  // namespace

input_port::input_port(std::string name, executor on, const clock& time)
    : name_(std::move(name)), executor_(std::move(on)), clock_(time) {}

bool input_port::try_next(envelope& into) {
    const auto now_ns = clock_.steady_ns();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        auto& from = *links_[turn_ % links_.size()];
        ++turn_;
        if (from.pop(into, now_ns)) return true;
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

awaitable<envelope> input_port::next_any() {
    envelope content;
    while (!try_next(content)) {
        if (ended()) co_return envelope{};
        co_await wait();
    }
    co_return content;
}

void input_port::wake() {
    if (!sleeping_.exchange(false)) return;
    asio::post(executor_, [this] { changed_.set(); });
}

void input_port::set_running(bool running) {
    running_.store(running, std::memory_order_release);
    if (!running) {
        for (auto* from : links_) from->wake_sender();
    }
}

output_port::output_port(std::string name, executor on, timer_queue& timers, message_origin origin)
    : name_(std::move(name)), executor_(std::move(on)), timers_(timers), origin_(origin) {}

void output_port::stamp(envelope& content) {
    auto& header = content.header;
    header.origin = origin_;
    header.epoch = epoch_;
    header.sequence = ++sequence_;
    if (header.steady_ns == 0) {
        header.steady_ns = timers_.time().steady_ns();
        header.wall_ns = timers_.time().wall_ns();
    }
}

output_port::link_set output_port::offer(envelope& content) {
    sent.add();
    link_set held_back;
    if (links_.empty()) return held_back;
    content.arrived_ns = timers_.time().steady_ns();
    for (std::size_t i = 0; i < links_.size(); ++i) {
        held_back[i] = links_[i]->push(content, content.arrived_ns) == link::outcome::full;
    }
    return held_back;
}

awaitable<void> output_port::settle(envelope content, link_set held_back) {
    for (std::size_t i = 0; i < links_.size(); ++i) {
        if (!held_back[i]) continue;
        link* const to = links_[i];
        bool expired = false;
        timer deadline(timers_);
        deadline.start_after(to->options().wait, [&expired, to] {
            expired = true;
            to->wake_sender();
        });
        content.arrived_ns = timers_.time().steady_ns();
        while (to->push(content, timers_.time().steady_ns()) == link::outcome::full) {
            if (expired) {
                to->give_up(drop_reason::timeout);
                break;
            }
            co_await to->wait_for_room();
        }
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
        offer(content);
    }
}

void output_port::attach(link& to) {
    STREAMHOST_ASSERT(links_.size() < most_links);
    links_.push_back(&to);
}

void output_port::close() {
    for (auto* to : links_) to->close();
}

void output_port::reopen() {
    ++epoch_;
    for (auto* to : links_) to->reopen();
}

}  // namespace streamhost
