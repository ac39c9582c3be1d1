#include <streamhost/outbox.hpp>

#include "graph/message_queue.hpp"

#include <utility>

namespace streamhost {

outbox::outbox() = default;
outbox::~outbox() = default;

void outbox::open(std::size_t channel, const queue_options& queue) {
    if (channel >= channels_.size()) channels_.resize(channel + 1);
    channels_[channel] = std::make_unique<message_queue>(queue);
}

bool outbox::store(std::size_t channel, std::shared_ptr<const wire_message> content, std::int64_t arrived_ns,
                   std::int64_t now_ns) {
    if (channel >= channels_.size() || !channels_[channel]) return true;
    auto& queue = *channels_[channel];
    envelope stored;
    stored.size = content->size();
    stored.payload = std::move(content);
    stored.arrived_ns = arrived_ns;
    const auto outcome = queue.push(std::move(stored), now_ns);
    return outcome == message_queue::outcome::stored || queue.options().policy != queue_policy::disconnect;
}

bool outbox::reply(wire_message content) {
    if (replies_.size() >= most_replies) return false;
    replies_.push_back(std::make_shared<const wire_message>(std::move(content)));
    return true;
}

outbox::item outbox::next(std::int64_t now_ns) {
    if (!replies_.empty()) {
        item answer{std::move(replies_.front()), true};
        replies_.pop_front();
        return answer;
    }
    auto found = take(now_ns, false);
    if (!found.content) found = take(now_ns, true);
    return found;
}

outbox::item outbox::take(std::int64_t now_ns, bool large) {
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        const auto channel = (turn_ + i) % channels_.size();
        auto* const queue = channels_[channel].get();
        if (queue == nullptr) continue;
        const auto* const head = queue->front(now_ns);
        if (head == nullptr || (!large && head->size >= small_message)) continue;
        envelope taken;
        if (!queue->pop(taken, now_ns)) continue;
        turn_ = channel + 1;
        return {std::static_pointer_cast<const wire_message>(std::move(taken.payload)), false};
    }
    return {};
}

std::uint64_t outbox::take_drops() {
    std::uint64_t sum = 0;
    for (const auto& queue : channels_) {
        if (!queue) continue;
        for (const auto& reason : queue->dropped) sum += reason.value();
    }
    return sum - std::exchange(counted_drops_, sum);
}

std::size_t outbox::waiting() const noexcept {
    std::size_t sum = 0;
    for (const auto& queue : channels_) {
        if (queue) sum += queue->depth.value();
    }
    return sum;
}

}  // namespace streamhost
