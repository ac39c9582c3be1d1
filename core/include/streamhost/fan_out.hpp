#pragma once

#include <streamhost/module_context.hpp>
#include <streamhost/net.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/wire_message.hpp>

#include <bitset>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// Which of a server's channels a viewer gets.
using channel_set = std::bitset<128>;

/// One session that views what a server module sends. Confined to the module's lane.
class viewer {
public:
    virtual ~viewer() = default;
    virtual stream& session() noexcept = 0;
    /// Sends ahead of the messages that wait. A viewer that asks for more than it reads is cut.
    virtual void reply(wire_message content) = 0;
    /// What it gets, inside of `fan_out::options::open`; all channels where nobody says.
    virtual void choose(channel_set channels) = 0;
    virtual const channel_set& channels() const noexcept = 0;
    /// Cuts it after `last`, which says why: nothing else is sent any more. What it still sends is to be read until its
    /// session ends.
    virtual void dismiss(wire_message last) = 0;
};

/// Hands messages to any number of viewers: accepts them, gives each its own bounded queue with the topology's `viewers`
/// policy, writes, counts and cuts. What the fastest viewer gets never depends on the slowest. A viewer always gets whole
/// messages, the newest one first of all. Confined to the module's lane; the module owns it and keeps it until its tasks
/// have ended.
class STREAMHOST_API fan_out {
public:
    struct options {
        std::vector<queue_options> queues = std::vector<queue_options>(1);  ///< of each viewer, one for each channel
        /// Makes a viewer of a new session (a handshake); false refuses it. Has a deadline of its own. May be empty.
        std::function<awaitable<bool>(viewer& guest)> open;
        /// Reads what the viewer sends until it ends; empty: discards it, so that its end is noticed.
        std::function<awaitable<void>(viewer& from)> listen;
        /// A viewer that joins gets the message of each of its channels that was published last, at once.
        bool begins_with_latest = true;
        /// Told how many viewers there are whenever one has come or gone. May be empty.
        std::function<void(std::size_t viewers)> on_viewers;
    };

    fan_out(module_context& host, listener entrance, options chosen);
    ~fan_out();
    fan_out(const fan_out&) = delete;
    fan_out& operator=(const fan_out&) = delete;

    /// Accepts viewers until the host drains or `finish` is called. The module spawns it.
    awaitable<void> accept_viewers();

    /// Stores the message for every viewer of the channel; never waits.
    void publish(wire_message content, std::int64_t arrived_ns, std::size_t channel = 0);

    /// The messages that were published last are out of date: a viewer that joins gets nothing until the next ones.
    void forget_latest() { latest_.assign(latest_.size(), {}); }

    /// Stores the message for one viewer, behind those of channel 0 that wait for it: inside of `options::listen`, or from
    /// elsewhere while that has not returned.
    void send_to(viewer& one, wire_message content, std::int64_t arrived_ns);

    /// Accepts no more viewers, lets each have what waits for it and `last`, then closes: the end of the stream. At most
    /// `limit`. `last` may be empty.
    awaitable<void> finish(duration limit, wire_message last);

    std::size_t viewers() const noexcept { return seats_.size(); }

    /// Whether `viewers.max` lets one more in. A handshake that can say no asks this, and answers with `turn_away`.
    bool has_room() const noexcept;
    /// Counts and logs one that cannot stay for want of room; returns the reason in words for it.
    std::string turn_away(const stream& session);
    const net_address& local() const noexcept { return entrance_.local(); }

private:
    class seat;

    struct published {
        std::shared_ptr<const wire_message> content;
        std::int64_t arrived_ns = 0;
    };

    using seats = std::list<std::shared_ptr<seat>>;

    awaitable<void> receive(std::shared_ptr<seat> guest);
    awaitable<bool> open(const std::shared_ptr<seat>& guest);
    awaitable<void> write(std::shared_ptr<seat> guest);
    void store(const std::shared_ptr<seat>& guest, std::size_t channel, const published& message);
    awaitable<void> say_farewell(std::shared_ptr<seat> guest, wire_message last, std::string reason);
    void leave(const std::shared_ptr<seat>& guest, std::string_view reason);
    void tell_viewers();
    void make_room_for_opening();
    void count_drops(seat& guest);

    module_context& host_;
    listener entrance_;
    options options_;
    seats seats_;
    seats opening_;  ///< sessions in their handshake, the oldest first
    std::vector<published> latest_;  // of each channel
    bool finishing_ = false;
    wire_message last_;
    event left_;
    counter& count_viewers_;
    counter& count_sent_;
    counter& count_bytes_;
    counter& count_dropped_;
    counter& count_stalled_;
    counter& count_turned_away_;
};

}  // namespace streamhost
