#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/event.hpp>
#include <streamhost/message_stream.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/tcp_wire.hpp>
#include <streamhost/wire/framed_clock.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace streamhost {

/// Takes the messages of a TCP server, and comes back to it whenever the connection ends: what all client modules of the
/// wires `framed` and `pickle` have in common. It dials with a back-off, opens `framed` sessions, pings, and shows as the
/// instance's condition why nothing comes. Confined to the module's lane; the module owns it and keeps it until its
/// tasks have ended.
class STREAMHOST_API stream_client {
public:
    /// What the module does with a message. Returns why the session is to end, empty where it goes on.
    using frame_receiver = std::function<awaitable<std::string>(framed::message)>;
    /// `received`: the pickle as it came. Of large ones the value is a slice.
    using pickle_receiver = std::function<awaitable<std::string>(pickle::value value, shared_bytes received)>;

    struct options {
        std::string connect;
        tcp_wire wire = tcp_wire::framed;
        std::string stream;   ///< which one, on the wire `framed`; empty: the only one
        std::string content;  ///< for log and condition: "video"
        /// Asked about a `framed` server's type before the first message: why it is not wanted, empty where it is.
        std::function<std::string(framed::message_type)> refuse;
        /// Told what a `framed` server has answered, when its type is wanted: why the session is not, empty where it is.
        /// May be empty.
        std::function<std::string(const framed::answer&)> on_session;
        /// Told why nothing comes, and nothing as soon as something does. Empty: that is the instance's condition.
        std::function<void(std::string)> on_condition;
        frame_receiver take_frame;    ///< for `framed`: every message except those of the session itself
        pickle_receiver take_pickle;  ///< for `pickle`
    };

    stream_client(module_context& host, options chosen);

    /// Until the host drains.
    awaitable<void> run();

    /// Ends the session and makes none until `resume()`: for a server that nobody needs now. May be called before `run()`.
    void hold();
    void resume();

    /// To be called by a receiver for each message that is of use: counts it and ends the condition. With a header it
    /// also translates its stamp to this host's clock, where the two clocks are known to each other, and measures the age.
    void note_message(std::size_t size);
    void note_message(std::size_t size, message_header& header);

private:
    awaitable<std::string> converse();
    awaitable<void> rest(duration span);
    void interrupt();
    void tell_condition(std::string text);
    awaitable<std::string> receive(std::shared_ptr<stream> session);
    awaitable<std::string> receive_pickles(stream& session);
    awaitable<std::string> receive_frames(std::shared_ptr<stream> session);
    awaitable<std::string> take(framed::message message);
    awaitable<void> ping(std::weak_ptr<stream> session);
    receive_limits limits() const;
    void note_local_time(message_header& header, std::int64_t now_ns) const;

    module_context& host_;
    options options_;
    bool held_ = false;
    event changed_;                    ///< `held_`, or the host drains
    std::shared_ptr<stream> session_;  ///< the present one
    bool useful_ = false;  ///< something of use came in this session
    framed::clock_estimate peer_clock_;
    std::array<std::byte, 16> peer_boot_{};  ///< of the machine that `peer_clock_` is about
    latency_histogram ages_;
    counter& count_received_;
    counter& count_bytes_;
    counter& count_sessions_;
    counter& age_p50_us_;
    counter& age_p99_us_;
};

}  // namespace streamhost
