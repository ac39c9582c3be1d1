#include "graph/link.hpp"

#include <boost/asio/post.hpp>

namespace streamhost {
namespace {

bool same_lane(const executor& a, const executor& b) { return a.owner().lane == b.owner().lane; }

}  // namespace

link::link(std::string name, output_port& from, input_port& to, const queue_options& options)
    : name_(std::move(name)), from_(from), to_(to), crosses_lanes_(!same_lane(from.on(), to.on())), queue_(options) {}

std::unique_lock<std::mutex> link::guard() const {
    return crosses_lanes_ ? std::unique_lock(mutex_) : std::unique_lock(mutex_, std::defer_lock);
}

link::outcome link::push(const envelope& content, std::int64_t now_ns) {
    {
        const auto lock = guard();
        if (queue_.options().policy == queue_policy::wait && !to_.running()) {
            queue_.drop(drop_reason::down);
            return outcome::dropped;
        }
        const auto pushed = queue_.push(content, now_ns);
        if (pushed == message_queue::outcome::full) {
            sender_waits_.store(true);
            return outcome::full;
        }
        if (pushed == message_queue::outcome::dropped) return outcome::dropped;
    }
    to_.wake();
    return outcome::stored;
}

void link::give_up(drop_reason reason) {
    const auto lock = guard();
    queue_.drop(reason);
}

awaitable<void> link::wait_for_room() { return room_.wait(); }

void link::wake_sender() {
    if (!sender_waits_.exchange(false)) return;
    if (crosses_lanes_) {
        asio::post(from_.on(), [this] { room_.set(); });
    } else {
        room_.set();
    }
}

bool link::pop(envelope& into, std::int64_t now_ns) {
    bool taken = false;
    {
        const auto lock = guard();
        taken = queue_.pop(into, now_ns);
    }
    if (taken && queue_.options().policy == queue_policy::wait) wake_sender();
    return taken;
}

bool link::empty() const {
    const auto lock = guard();
    return queue_.empty();
}

bool link::finished() const {
    const auto lock = guard();
    return closed_ && queue_.empty();
}

void link::close() {
    {
        const auto lock = guard();
        closed_ = true;
    }
    to_.wake();
}

void link::reopen() {
    const auto lock = guard();
    closed_ = false;
}

}  // namespace streamhost
