#include "graph/link.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace streamhost {
namespace {

bool same_lane(const executor& a, const executor& b) { return a.owner().lane == b.owner().lane; }

}  // namespace

link::link(std::string name, output_port& from, input_port& to, const queue_options& options, link_type_check check,
           std::string instance)
    : name_(std::move(name)),
      source_{std::move(instance), from.name()},
      from_(from),
      to_(to),
      crosses_lanes_(!same_lane(from.on(), to.on())),
      takes_(check.takes),
      complain_(std::move(check.complain)),
      queue_(options) {}

link_snapshot link::snapshot(std::int64_t now_ns) const {
    link_snapshot now{
        .name = name_,
        .policy = to_string(queue_.options()),
        .accepted = queue_.accepted.value(),
        .delivered = queue_.delivered.value(),
        .bytes = queue_.bytes_delivered.value(),
        .depth = queue_.depth.value(),
        .depth_bytes = queue_.depth_bytes.value(),
    };
    for (std::size_t i = 0; i < queue_.dropped.size(); ++i) {
        now.dropped.emplace_back(to_string(static_cast<drop_reason>(i)), queue_.dropped[i].value());
    }
    const auto head = static_cast<std::int64_t>(queue_.head_arrived_ns.value());
    now.head_age_ns = head == 0 ? 0 : std::max<std::int64_t>(0, now_ns - head);
    now.wait_p50_ns = queue_.waited.percentile(0.5);
    now.wait_p99_ns = queue_.waited.percentile(0.99);
    return now;
}

bool link::fits(const envelope& content) const noexcept {
    return takes_ == nullptr || (content.type != nullptr && *content.type == *takes_);
}

void link::leave_out(const envelope& content) {
    give_up(drop_reason::unfit);
    if (const auto complain = std::exchange(complain_, {})) complain(content);
}

std::unique_lock<std::mutex> link::guard() const {
    return crosses_lanes_ ? std::unique_lock(mutex_) : std::unique_lock(mutex_, std::defer_lock);
}

link::outcome link::push(const envelope& content, std::int64_t now_ns) {
    if (!fits(content)) {
        leave_out(content);
        return outcome::dropped;
    }
    if (faults_) {
        faults_->take(content);
        return outcome::stored;
    }
    return store(content, now_ns);
}

link::outcome link::store(const envelope& content, std::int64_t now_ns) {
    {
        const auto lock = guard();
        // Behind the end nobody would take it.
        const bool nobody = closed_ || (queue_.options().policy == queue_policy::wait && !to_.running());
        if (nobody) {
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

void link::inject(const link_fault& fault, std::uint64_t seed) {
    faults_.emplace(fault, from_.timers(), seed, [this](const envelope& content) { store_late(content); },
                    [this] { give_up(drop_reason::fault); });
}

/// The sender has gone on long ago: it cannot be held back any more.
void link::store_late(const envelope& content) {
    auto late = content;
    late.arrived_ns = from_.timers().time().steady_ns();
    if (store(late, late.arrived_ns) == outcome::full) give_up(drop_reason::timeout);
}

void link::give_up(drop_reason reason) {
    const auto lock = guard();
    queue_.drop(reason);
}

void link::receiver_stopped() {
    // A sender that has just seen the receiver running announces its wait before it lets go of the lock.
    { const auto lock = guard(); }
    wake_sender();
}

void link::wake_sender() {
    if (!sender_waits_.load() || !sender_waits_.exchange(false)) return;
    if (crosses_lanes_) {
        asio::post(from_.on(), [&from = from_] { from.look_again(); });  // this link may be gone by then
    } else {
        from_.look_again();
    }
}

bool link::pop(envelope& into, std::int64_t now_ns) {
    bool taken = false;
    {
        const auto lock = guard();
        taken = queue_.pop(into, now_ns);
    }
    // Also where nothing was taken: what was too old has made room.
    if (queue_.options().policy == queue_policy::wait) wake_sender();
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
    if (faults_) faults_->flush();
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
