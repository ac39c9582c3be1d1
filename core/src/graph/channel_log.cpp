#include "graph/channel_log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace streamhost {

void channel_log::add(std::shared_ptr<const broadcast> message) {
    bytes_ += message->size;
    messages_.push_back(std::move(message));
    const auto holds_too_much = [this] {
        return messages_.size() > options_.items || (options_.bytes != 0 && bytes_ > options_.bytes);
    };
    // A message larger than the whole limit still passes.
    while (messages_.size() > 1 && holds_too_much()) remove_oldest();
    ++end_;
    newest_is_good_ = true;
}

void channel_log::remove_oldest() {
    bytes_ -= messages_.front()->size;
    messages_.pop_front();
}

void channel_log::end_round() {
    while (messages_.size() > 1 && begin() < lowest_) remove_oldest();
}

channel_log::skipped channel_log::settle(std::uint64_t& place, std::int64_t now_ns) const {
    skipped over;
    if (place < begin()) {
        const auto next = options_.policy == queue_policy::latest ? end_ - 1 : begin();
        over.replaced = next - place;
        place = next;
    }
    if (options_.age.count() == 0) return over;
    const auto limit_ns = std::chrono::nanoseconds(options_.age).count();
    while (place < end_ && now_ns - (*at(place))->arrived_ns > limit_ns) {
        ++over.aged;
        ++place;
    }
    return over;
}

const std::shared_ptr<const broadcast>* channel_log::at(std::uint64_t place) const {
    return place < end_ ? &messages_[static_cast<std::size_t>(place - begin())] : nullptr;
}

}  // namespace streamhost
