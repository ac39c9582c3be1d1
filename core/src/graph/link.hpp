#pragma once

#include "graph/fault_stage.hpp"
#include "graph/message_queue.hpp"

#include <streamhost/export.hpp>
#include <streamhost/port.hpp>
#include <streamhost/snapshot.hpp>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace streamhost {

/// What a link compares each message with, where its output may give messages of any type.
struct link_type_check {
    const message_type* takes = nullptr;  ///< what the input insists on; null: nothing is compared
    /// Told of the first message that does not fit, on the sender's lane. May be empty.
    std::function<void(const envelope& content)> complain{};
};

/// A path from an output to an input: a queue with a policy, and the wake-ups on both sides. Where both ends share a
/// lane nothing is locked; across lanes one mutex guards the queue, and a sleeping receiver gets one wake-up, however
/// many messages have come.
class STREAMHOST_API link {
public:
    enum class outcome { stored, dropped, full };

    /// `instance`: whose output it is.
    link(std::string name, output_port& from, input_port& to, const queue_options& options, link_type_check check = {},
         std::string instance = {});

    /// Before anything is sent: what comes goes through these faults first.
    void inject(const link_fault& fault, std::uint64_t seed);

    const std::string& name() const noexcept { return name_; }
    const link_source& source() const noexcept { return source_; }
    const message_queue& queue() const noexcept { return queue_; }
    /// Any thread.
    link_snapshot snapshot(std::int64_t now_ns) const;

    /// Sender's lane. `full` only with the policy `wait`: the message is not stored.
    outcome push(const envelope& content, std::int64_t now_ns);
    /// Sender's lane: a message that was held back is given up.
    void give_up(drop_reason reason);

    /// Sender's lane: the messages that are held back, each by its ticket, in the order of their sending. Nobody passes
    /// them.
    void line_up(std::uint64_t ticket) { line_.push_back(ticket); }
    void leave_line(std::uint64_t ticket) { std::erase(line_, ticket); }
    bool has_line() const noexcept { return !line_.empty(); }
    bool is_first(std::uint64_t ticket) const noexcept { return has_line() && line_.front() == ticket; }

    /// Receiver's lane.
    bool pop(envelope& into, std::int64_t now_ns);
    bool empty() const;
    bool finished() const;  ///< closed upstream and empty
    /// What waits for room need not wait any longer. Any thread.
    void receiver_stopped();

    /// Sender's lane.
    void close();
    void reopen();

    const queue_options& options() const noexcept { return queue_.options(); }

private:
    std::unique_lock<std::mutex> guard() const;
    bool fits(const envelope& content) const noexcept;
    void leave_out(const envelope& content);
    outcome store(const envelope& content, std::int64_t now_ns);
    void store_late(const envelope& content);
    void wake_sender();

    std::string name_;
    link_source source_;
    output_port& from_;
    input_port& to_;
    const bool crosses_lanes_;
    const message_type* takes_;
    std::function<void(const envelope&)> complain_;  // sender's lane; empty once it was told
    mutable std::mutex mutex_;
    message_queue queue_;
    bool closed_ = false;
    std::vector<std::uint64_t> line_;  // sender's lane
    std::atomic<bool> sender_waits_{false};
    std::optional<fault_stage> faults_;  // sender's lane
};

}  // namespace streamhost
