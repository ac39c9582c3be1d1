#include "graph/message_queue.hpp"

#include <algorithm>

namespace streamhost {

std::string_view to_string(drop_reason reason) noexcept {
    switch (reason) {
        case drop_reason::replaced: return "replaced";
        case drop_reason::rejected: return "rejected";
        case drop_reason::aged: return "aged";
        case drop_reason::timeout: return "timeout";
        case drop_reason::down: return "down";
        case drop_reason::unfit: return "unfit";
        case drop_reason::fault: return "fault";
        case drop_reason::count_: break;
    }
    return "unknown";
}

bool message_queue::has_room_for(std::size_t size) const noexcept {
    if (options_.items != 0 && items_.size() >= options_.items) return false;
    // A message larger than the whole limit still passes through an empty queue.
    return options_.bytes == 0 || items_.empty() || bytes_ + size <= options_.bytes;
}

message_queue::outcome message_queue::push(envelope content, std::int64_t now_ns) {
    remove_aged(now_ns);
    if (!has_room_for(content.size)) {
        switch (options_.policy) {
            case queue_policy::wait: update_depth(); return outcome::full;
            case queue_policy::drop_newest:
            case queue_policy::disconnect:
                drop(drop_reason::rejected);
                update_depth();
                return outcome::dropped;
            case queue_policy::latest:
                while (!items_.empty()) remove_oldest(drop_reason::replaced);
                break;
            case queue_policy::drop_oldest:
                while (!has_room_for(content.size)) remove_oldest(drop_reason::replaced);
                break;
        }
    }
    bytes_ += content.size;
    store(std::move(content));
    accepted.add();
    update_depth();
    return outcome::stored;
}

void message_queue::store(envelope&& content) {
    if (items_.full()) items_.set_capacity(std::max<std::size_t>(1, 2 * items_.capacity()));
    items_.push_back(std::move(content));
}

bool message_queue::pop(envelope& into, std::int64_t now_ns) {
    remove_aged(now_ns);
    if (items_.empty()) {
        update_depth();
        return false;
    }
    into = std::move(items_.front());
    items_.pop_front();
    bytes_ -= into.size;
    delivered.add();
    bytes_delivered.add(into.size);
    waited.add(now_ns - into.arrived_ns);
    update_depth();
    return true;
}

const envelope* message_queue::front(std::int64_t now_ns) {
    remove_aged(now_ns);
    update_depth();
    return items_.empty() ? nullptr : &items_.front();
}

void message_queue::remove_oldest(drop_reason reason) {
    bytes_ -= items_.front().size;
    items_.pop_front();
    drop(reason);
}

void message_queue::remove_aged(std::int64_t now_ns) {
    if (options_.age.count() == 0) return;
    const auto limit_ns = std::chrono::nanoseconds(options_.age).count();
    while (!items_.empty() && now_ns - items_.front().arrived_ns > limit_ns) remove_oldest(drop_reason::aged);
}

void message_queue::update_depth() noexcept {
    depth.set(items_.size());
    depth_bytes.set(bytes_);
    head_arrived_ns.set(items_.empty() ? 0 : static_cast<std::uint64_t>(items_.front().arrived_ns));
}

}  // namespace streamhost
