#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/message.hpp>
#include <streamhost/queue_policy.hpp>

#include <boost/circular_buffer.hpp>

#include <array>
#include <string_view>

namespace streamhost {

/// Why a message was not delivered. Nothing is lost silently: each reason has its count.
enum class drop_reason {
    replaced,  ///< a newer one took its place (`latest`, `drop_oldest`)
    rejected,  ///< the queue was full (`drop_newest`, and `wait` for what a foreign thread posts)
    aged,      ///< it waited longer than the queue's age limit
    timeout,   ///< the sender waited `wait_ms` for room
    down,      ///< the receiver was not running, or had been told that nothing more comes
    unfit,     ///< it is of another type than the input takes, behind an output whose type is known while running only
    fault,     ///< the link's `fault` took it, for a test
    count_,
};

STREAMHOST_API std::string_view to_string(drop_reason reason) noexcept;

/// A bounded queue with a policy and its counters. One thread at a time; the counters may be read from any.
class STREAMHOST_API message_queue {
public:
    explicit message_queue(const queue_options& options) : options_(options) {}

    enum class outcome { stored, dropped, full };

    outcome push(envelope content, std::int64_t now_ns);
    bool pop(envelope& into, std::int64_t now_ns);
    /// The one that `pop` would give now; null where there is none.
    const envelope* front(std::int64_t now_ns);
    bool empty() const noexcept { return items_.empty(); }
    void drop(drop_reason reason) { dropped[static_cast<std::size_t>(reason)].add(); }

    const queue_options& options() const noexcept { return options_; }

    counter accepted;   ///< messages stored
    counter delivered;  ///< messages taken out
    counter bytes_delivered;
    std::array<counter, static_cast<std::size_t>(drop_reason::count_)> dropped;
    counter depth;        ///< messages in the queue now
    counter depth_bytes;  ///< bytes in the queue now
    counter head_arrived_ns;  ///< arrival of the oldest one in the queue, 0 while empty
    latency_histogram waited; ///< from arrival in this host to delivery

private:
    void remove_oldest(drop_reason reason);
    void remove_aged(std::int64_t now_ns);
    bool has_room_for(std::size_t size) const noexcept;
    void update_depth() noexcept;
    void store(envelope&& content);

    queue_options options_;
    boost::circular_buffer<envelope> items_;  // grows with what is stored, up to the limit in items
    std::size_t bytes_ = 0;
};

}  // namespace streamhost
