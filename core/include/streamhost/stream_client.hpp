#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/event.hpp>
#include <streamhost/framed_peer.hpp>
#include <streamhost/message_stream.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/tcp_wire.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// Takes the messages of a TCP server, and comes back to it whenever the connection ends: what all client modules of the
/// wires `framed` and `pickle` have in common. It dials with a back-off, opens `framed` sessions, pings, and shows as the
/// instance's condition why nothing comes. In sessions of many streams it sends as well. Confined to the module's lane; the module owns it and keeps it until its
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
        bool many = false;                  ///< whether it asks a `framed` server for a session of many streams
        std::vector<queue_options> queues;  ///< of the streams that it sends in such a session
    };

    stream_client(module_context& host, options chosen);
    ~stream_client();

    /// Until the host drains.
    awaitable<void> run();

    /// Ends the session and makes none until `resume()`: for a server that nobody needs now. May be called before `run()`.
    void hold();
    void resume();

    /// Sends a message of a stream, by its place in `options::queues`; never waits. The last message of each stream is
    /// sent again at the beginning of the next session; others that come while there is none are dropped and counted.
    void send(std::size_t stream, wire_message content, std::int64_t arrived_ns);
    /// Sends ahead of the messages that wait, in the session of the moment.
    void reply(wire_message content);
    /// No more messages are sent. When the host drains the server first gets what waits for it, within a limit.
    void finish();

    /// The session is of use before anything has come: it was opened to send.
    void note_session();

    /// To be called by a receiver for each message that is of use: counts it and ends the condition. With a header it
    /// also translates its stamp to this host's clock, where the two clocks are known to each other, and measures the age.
    void note_message(std::size_t size);
    void note_message(std::size_t size, message_header& header);

private:
    struct outlet;
    struct departures;

    struct sent_last {
        std::shared_ptr<const wire_message> content;
        std::int64_t arrived_ns = 0;
    };

    awaitable<std::string> converse();
    awaitable<void> rest(duration span);
    void interrupt();
    void tell_condition(std::string text);
    awaitable<std::string> receive(std::shared_ptr<stream> session);
    awaitable<std::string> receive_pickles(stream& session);
    awaitable<std::string> receive_frames(std::shared_ptr<stream> session);
    awaitable<std::string> take_frames(std::shared_ptr<outlet> of);
    void note_use(std::string_view sentence);
    void open_outlet(const framed::answer& answer);
    void store(std::size_t stream, const sent_last& content);
    awaitable<void> write(std::shared_ptr<outlet> to);
    awaitable<void> say_farewell(std::shared_ptr<outlet> to);
    awaitable<void> ping(std::weak_ptr<outlet> to);
    void close_outlet();
    void begin_farewell();
    receive_limits limits() const;

    module_context& host_;
    options options_;
    bool held_ = false;
    event changed_;                    ///< `held_`, or the host drains
    std::shared_ptr<stream> session_;  ///< the present one
    bool useful_ = false;  ///< something of use came in this session
    framed_peer peer_;
    arrivals arrivals_;
    counter& count_sessions_;
    std::unique_ptr<departures> departures_;  // where it sends
    std::vector<sent_last> latest_;           // of each stream
    std::shared_ptr<outlet> outlet_;          // while a `framed` session is open
    bool no_more_ = false;
    timer farewell_;
};

}  // namespace streamhost
