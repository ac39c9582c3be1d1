#pragma once

#include "graph/message_queue.hpp"

#include <streamhost/event.hpp>
#include <streamhost/port.hpp>

#include <atomic>
#include <mutex>
#include <string>

namespace streamhost {

/// A path from an output to an input: a queue with a policy, and the wake-ups on both sides. Where both ends share a
/// lane nothing is locked; across lanes one mutex guards the queue, and a sleeping receiver gets one wake-up, however
/// many messages have come.
class link {
public:
    enum class outcome { stored, dropped, full };

    link(std::string name, output_port& from, input_port& to, const queue_options& options);

    const std::string& name() const noexcept { return name_; }
    const message_queue& queue() const noexcept { return queue_; }

    /// Sender's lane. `full` only with the policy `wait`: the message is not stored.
    outcome push(const envelope& content, std::int64_t now_ns);
    /// Sender's lane: a message that waited for room is given up.
    void give_up(drop_reason reason);
    /// Sender's lane: resumes when there may be room.
    awaitable<void> wait_for_room();
    void wake_sender();

    /// Receiver's lane.
    bool pop(envelope& into, std::int64_t now_ns);
    bool empty() const;
    bool finished() const;  ///< closed upstream and empty

    /// Sender's lane.
    void close();
    void reopen();

    const queue_options& options() const noexcept { return queue_.options(); }

private:
    std::unique_lock<std::mutex> guard() const;

    std::string name_;
    output_port& from_;
    input_port& to_;
    const bool crosses_lanes_;
    mutable std::mutex mutex_;
    message_queue queue_;
    bool closed_ = false;
    event room_;  // sender's lane
    std::atomic<bool> sender_waits_{false};
};

}  // namespace streamhost
