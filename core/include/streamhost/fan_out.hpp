#pragma once

#include <streamhost/module_context.hpp>
#include <streamhost/net.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/wire_message.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace streamhost {

/// Which of a server's channels a viewer gets.
using channel_set = std::bitset<128>;

/// One session that views what a server module sends. Confined to the lane that serves it.
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

/// Takes what a viewer says that is only sent something otherwise. Made on the module's lane, then used and destroyed on
/// the lane that serves the viewer; must not wait.
class viewer_ear {
public:
    virtual ~viewer_ear() = default;

    struct objection {
        std::string why;
        wire_message last_word{};  ///< tells the viewer; may be empty
    };
    /// Bytes as they come, in pieces of any size; it may reply. The viewer goes where it returns an objection; one with an
    /// empty `why` is the viewer's own wish and is not worth a word.
    virtual std::optional<objection> hear(viewer& from, std::span<const std::byte> said) = 0;
    /// The viewer has begun a message: it goes where that is not whole within `limits.message_ms`.
    virtual bool is_waiting_for_more() const { return false; }
};

/// Hands messages to any number of viewers: accepts them, gives each the topology's `viewers` policy, writes, counts and
/// cuts. What the fastest viewer gets never depends on the slowest. A viewer always gets whole messages, and never one
/// that its policy has dropped meanwhile; what it costs does not grow with its slowness.
///
/// A message is serialised by the caller, once, and shared by all. It is written straight to the sockets that have room;
/// only a viewer that has none is waited for. Viewers that are only sent something are served on the lanes that
/// `viewers.lanes` asks for, or on the module's; those with a `listen` always on the module's.
///
/// Confined to the module's lane; the module owns it and keeps it until its tasks have ended.
class STREAMHOST_API fan_out {
public:
    struct options {
        std::vector<queue_options> queues = std::vector<queue_options>(1);  ///< of each viewer, one for each channel
        /// Makes a viewer of a new session (a handshake); false refuses it. Has a deadline of its own. May be empty.
        std::function<awaitable<bool>(viewer& guest)> open;
        /// What hears the viewer, which is then only sent something otherwise. Null, or empty: see `listen`.
        std::function<std::unique_ptr<viewer_ear>(const viewer& guest)> ear;
        /// Reads what the viewer sends until it ends. Empty: little is taken and nothing is heard.
        std::function<awaitable<void>(viewer& from)> listen;
        /// Told of a viewer that was cut for what it said. May be empty.
        std::function<void(const net_address& from, const std::string& why)> on_objection;
        /// A viewer that joins gets the message of each of its channels that was published last, at once.
        bool begins_with_latest = true;
        /// Told how many viewers there are whenever one has come or gone. May be empty.
        std::function<void(std::size_t viewers)> on_viewers;
    };

    fan_out(module_context& host, listener entrance, options chosen);
    /// Without a listener of its own: its viewers come through `admit` only.
    fan_out(module_context& host, options chosen);
    ~fan_out();
    fan_out(const fan_out&) = delete;
    fan_out& operator=(const fan_out&) = delete;

    /// A viewer whose session was opened elsewhere, such as by an HTTP server.
    struct opened_session {
        stream session;
        channel_set channels;
        std::unique_ptr<viewer_ear> ear{};  ///< null: little is taken and nothing is heard
        wire_message first{};               ///< goes ahead of the messages; may be empty
        std::string shown{};                ///< what the host shows beside its address; may be empty
    };
    /// Serves that viewer from now on, whatever `options` say about sessions. False, and it is closed, where there is no room,
    /// or the end has come.
    bool admit(opened_session arrived);

    /// Accepts viewers until the host drains or `finish` is called. The module spawns it.
    awaitable<void> accept_viewers();

    /// Gives the message to every viewer of the channel; never waits.
    void publish(wire_message content, std::int64_t arrived_ns, std::size_t channel = 0);

    /// The messages that were published last are out of date: a viewer that joins gets nothing until the next ones.
    void forget_latest();

    /// The channel begins anew, as one of another content or format: who has it is cut, its last message is out of date.
    void end_channel(std::size_t channel, const std::string& why);

    /// Gives the message to one viewer, behind those of channel 0 that wait for it: inside of `options::listen`, or from
    /// elsewhere while that has not returned.
    void send_to(viewer& one, wire_message content, std::int64_t arrived_ns);

    /// Accepts no more viewers, lets each have what waits for it and `last`, then closes: the end of the stream. At most
    /// `limit`. `last` may be empty.
    awaitable<void> finish(duration limit, wire_message last);

    std::size_t viewers() const noexcept;

    /// Whether `viewers.max` lets one more in. A handshake that can say no asks this, and answers with `turn_away`.
    bool has_room() const noexcept;
    /// Counts and logs one that cannot stay for want of room; returns the reason in words for it.
    std::string turn_away(const stream& session);
    /// Empty without a listener.
    const net_address& local() const noexcept;

private:
    class engine;
    std::shared_ptr<engine> engine_;  // what other lanes still have to tell finds out by it that the module has gone
};

}  // namespace streamhost
