#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/clock.hpp>
#include <streamhost/counter.hpp>
#include <streamhost/event.hpp>
#include <streamhost/message.hpp>
#include <streamhost/timers.hpp>

#include <atomic>
#include <bitset>
#include <compare>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace streamhost {

class link;

/// The output at the other end of a link to an input.
struct link_source {
    std::string instance;
    std::string port;
    friend auto operator<=>(const link_source&, const link_source&) = default;
};

/// The receiving end of an instance. Belongs to the host and survives restarts of the module. Everything is confined to
/// the instance's lane, except where said otherwise. One coroutine reads a port at a time.
class STREAMHOST_API input_port {
public:
    input_port(std::string name, executor on, const clock& time);
    input_port(const input_port&) = delete;
    input_port& operator=(const input_port&) = delete;

    const std::string& name() const noexcept { return name_; }
    bool linked() const noexcept { return !links_.empty(); }

    /// The next message in `into`, in turn from each link; false where none is waiting.
    bool try_next(envelope& into);

    /// Where that last message has come from: until the next one, or until its link goes.
    const link_source& last_source() const noexcept;
    /// Where messages come from, one for each link.
    std::vector<link_source> sources() const;
    /// Rises whenever a link has come or gone, as a reload makes it; whoever waits is woken.
    std::uint64_t link_changes() const noexcept { return link_changes_; }

    /// The type of what arrives, where a link says it; else null. For ports of every type, and of a type by its name.
    const message_type* linked_type() const noexcept { return type_; }

    /// Every link is closed upstream and empty.
    bool ended() const;

    /// Until something has changed: a message, or an end.
    awaitable<void> wait();
    /// As `wait`, but an end that has come is nothing new: for who stays, since another link may come.
    awaitable<void> wait_beyond_end();

    /// The next message of any type; empty at the end.
    awaitable<envelope> next_any();

    /// Any thread: something has changed.
    void wake();

    /// Whether the instance can take messages at all; while not, links that wait drop theirs as `down`. Any thread.
    void set_running(bool running);
    bool running() const noexcept { return running_.load(std::memory_order_acquire); }

    const executor& on() const noexcept { return executor_; }
    /// Before the instance runs, or on its lane.
    void attach(link& from, const message_type* type = nullptr);
    /// Nothing is taken from there any more; what still waits there is left.
    void detach(const link& from);

private:
    std::string name_;
    executor executor_;
    const clock& clock_;
    std::vector<link*> links_;
    const message_type* type_ = nullptr;
    const link* last_ = nullptr;  // gave the message of the last `try_next`
    std::uint64_t link_changes_ = 0;
    std::size_t turn_ = 0;
    event changed_;
    std::atomic<bool> sleeping_{false};
    std::atomic<bool> running_{false};
};

/// The sending end of an instance. Belongs to the host; its sequence and counters survive restarts of the module.
/// Confined to the instance's lane, except `post_any`.
class STREAMHOST_API output_port {
public:
    output_port(std::string name, executor on, timer_queue& timers, message_origin origin);
    output_port(const output_port&) = delete;
    output_port& operator=(const output_port&) = delete;

    const std::string& name() const noexcept { return name_; }
    bool linked() const noexcept;

    /// As an input's: what whoever receives from here takes. Its definition is the one of their library.
    const message_type* linked_type() const noexcept { return type_; }

    /// Sends a message that came from elsewhere with its whole header. Its type is the one that the port declares; from a
    /// port of every type, a link whose input takes another one drops it.
    awaitable<void> forward_any(envelope content);

    /// A message that came into being here: gives it its arrival, origin, epoch and sequence, and its stamps where it has
    /// none.
    void stamp(envelope& content);
    /// A message that came from elsewhere, with its whole header: gives it its arrival.
    void stamp_arrival(envelope& content) const { content.arrived_ns = timers_.time().steady_ns(); }

    static constexpr std::size_t most_links = 64;
    /// By place. Twice as many as there may be links: those that go and those that come at one moment.
    using link_set = std::bitset<2 * most_links>;

    /// Stores the message, which is stamped, on every link by the link's policy. Returns the links that hold it back: then
    /// `settle()`.
    link_set offer(envelope& content);

    /// Waits, for each link that holds the message back, until there is room or the link's `wait_ms` have passed.
    /// Messages of one output that are held back by a link reach it in the order of their sending.
    awaitable<void> settle(envelope content, link_set held_back);

    /// A link may have room for what it holds back.
    void look_again() { room_.set(); }

    /// Any thread: sends from the instance's lane, in order; never waits. A link that would hold the message back drops it
    /// as `rejected`.
    void post_any(envelope content);

    /// Nothing more will come: downstream inputs end once they are empty.
    void close();
    /// A restarted instance sends again, in a new epoch.
    void reopen();

    const executor& on() const noexcept { return executor_; }
    timer_queue& timers() noexcept { return timers_; }
    /// Before the instance runs, or on its lane.
    void attach(link& to, const message_type* type = nullptr);
    /// Nothing is sent there any more; what the link holds back is given up.
    void detach(const link& to);

    counter sent;          ///< messages
    counter post_dropped;  ///< messages that other threads posted faster than the lane takes them

private:
    class places;

    void take_posted();
    std::int64_t wall_ns_at(std::int64_t steady_ns);

    std::string name_;
    executor executor_;
    timer_queue& timers_;
    message_origin origin_;
    std::uint32_t epoch_ = 1;
    std::uint64_t sequence_ = 0;
    std::int64_t wall_offset_ns_ = 0;  // wall minus steady time, as of the moment below
    std::int64_t wall_read_ns_ = 0;
    std::vector<link*> links_;  // null: a place that is free; messages that are held back remember places
    std::size_t held_back_ = 0;  // messages
    const message_type* type_ = nullptr;
    event room_;
    std::uint64_t next_ticket_ = 1;
    std::mutex posted_mutex_;
    std::deque<envelope> posted_;
};

/// A module's handle to an input of type `T`. Valid as long as the module lives; copies are the same port.
template <class T>
class input {
public:
    explicit input(input_port& port) : port_(&port) {}

    bool linked() const noexcept { return port_->linked(); }

    /// The next message; empty when every upstream output is closed and nothing is left: then `run()` returns.
    awaitable<message<T>> next() {
        envelope content;
        while (!port_->try_next(content)) {
            if (port_->ended()) co_return message<T>{};
            co_await port_->wait();
        }
        co_return message<T>(std::move(content));
    }

    /// The next message if one is waiting.
    message<T> try_next() {
        envelope content;
        if (!port_->try_next(content)) return {};
        return message<T>(std::move(content));
    }

private:
    input_port* port_;
};

/// A module's handle to an output of type `T`. Valid as long as the module lives; copies are the same port.
template <class T>
class output {
public:
    explicit output(output_port& port) : port_(&port) {}

    bool linked() const noexcept { return port_->linked(); }

    /// Sends a payload that came into being now. Returns at once, except where a link with the policy `wait` is full.
    awaitable<void> send(T payload) {
        auto content = make_envelope<T>(std::move(payload));
        port_->stamp(content);
        const auto held_back = port_->offer(content);
        if (held_back.any()) co_await port_->settle(std::move(content), held_back);
    }

    /// Sends what was made from another message: keeps that one's stamps and hops, so that ages count from the first
    /// source and circles end.
    awaitable<void> send(T payload, const message_header& made_from) {
        auto content = make_envelope<T>(std::move(payload));
        content.header = made_from;
        port_->stamp(content);
        const auto held_back = port_->offer(content);
        if (held_back.any()) co_await port_->settle(std::move(content), held_back);
    }

    /// Sends a payload that came from elsewhere with its whole header: origin, epoch, sequence and stamps stay.
    awaitable<void> forward(T payload, const message_header& header) {
        auto content = make_envelope<T>(std::move(payload));
        content.header = header;
        port_->stamp_arrival(content);
        const auto held_back = port_->offer(content);
        if (held_back.any()) co_await port_->settle(std::move(content), held_back);
    }

    /// The one call that any thread may make, such as a vendor's callback. Sends in order from the instance's lane and
    /// never waits: what is posted faster than the lane can take is dropped and counted.
    void post(T payload) {
        auto content = make_envelope<T>(std::move(payload));
        port_->post_any(std::move(content));
    }

    /// Nothing more will come on this port, ahead of the end of the module: downstream inputs end once empty.
    void close() { port_->close(); }

private:
    output_port* port_;
};

}  // namespace streamhost
