#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/framed_peer.hpp>
#include <streamhost/tcp_wire.hpp>
#include <streamhost/wire/framed_opening.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// A stream as `framed` sessions name it.
struct framed_stream {
    std::string name;                                       ///< see `framed::is_name`; may be empty for the only one
    framed::message_type type = framed::message_type::any;  ///< what its messages are
    std::string user_type{};                                ///< name and version of the type `user`
    std::uint32_t user_version = 0;
    queue_options usual_queue{};  ///< of a viewer, where the topology says nothing
};

/// What announces the streams in a session of many, channel 1 the first: docs/wire.md.
STREAMHOST_API wire_message announce_streams(const message_origin& origin, const std::vector<framed_stream>& streams);

/// Takes what one peer sends in a session of many streams.
class framed_receiver {
public:
    virtual ~framed_receiver() = default;
    /// Every message except those of the session itself. Returns why the session is to end, empty where it goes on.
    virtual awaitable<std::string> take(framed::message message) = 0;
};

/// Serves streams of messages to any number of TCP viewers: what all server modules of the wires `framed` and `pickle`
/// have in common. It opens `framed` sessions, answers their pings, says the end, and leaves the rest to `fan_out`.
/// Confined to the module's lane; the module owns it and keeps it until its tasks have ended.
class STREAMHOST_API stream_server {
public:
    /// Makes what takes the messages of one peer; both references stay valid until that is destroyed. `name`: for logs.
    using make_receiver = std::function<std::unique_ptr<framed_receiver>(const framed_peer& from, std::string name)>;

    struct options {
        tcp_wire wire = tcp_wire::framed;
        std::string stream;                                     ///< its name on the wire `framed`, or empty
        std::string content;                                    ///< for the log: "video"
        framed::message_type type = framed::message_type::any;  ///< what `framed` viewers are told to expect
        queue_options usual_queue;                              ///< of a viewer, where the topology says nothing
        std::function<void(std::size_t viewers)> on_viewers;    ///< see `fan_out::options`
        /// Sessions of many streams, `framed` only; then the streams are `streams` instead of the one above, and a viewer
        /// that does not know such sessions gets the one that it names.
        bool many = false;
        std::vector<framed_stream> streams;  ///< at most `framed::max_streams`
        make_receiver receiver;              ///< for what viewers of many streams send; empty: that is ignored
    };

    /// Throws `configuration_error` for a `stream` that is no name.
    stream_server(module_context& host, options chosen);

    /// Binds the address: in `prepare()`. Throws like `network::listen`.
    awaitable<void> open(std::string address);

    /// Lets viewers in: in `run()`. Requires `open`.
    void accept_viewers();

    /// Hands a message to every viewer; never waits. The payload's form is that of the options' wire.
    void publish(const message_header& header, const framed::payload& content, std::int64_t arrived_ns);
    void publish(const pickle::pieces& content, std::int64_t arrived_ns);
    /// Of a stream by its place in `options::streams`. `content` was written without a channel.
    void publish(std::size_t stream, const framed::pieces& content, std::int64_t arrived_ns);

    /// Hands on what another server has sent, byte for byte; `framed` with one hop more, so no message that has had all.
    void forward(const framed::message& received, std::int64_t arrived_ns);
    void forward(const shared_bytes& pickle, std::int64_t arrived_ns);

    /// What `framed` viewers are told from now on to expect: type and, where the options name no stream, name of another
    /// server's.
    void announce(const framed::answer& of);

    /// A viewer that joins gets nothing until the next message.
    void forget_latest() { viewers_->forget_latest(); }

    /// The end of the stream: viewers get what they have not got yet, within a limit, and are told.
    awaitable<void> finish();

private:
    /// A viewer while its session lasts, for what runs beside it.
    struct present {
        viewer& who;
        framed_peer peer;
    };

    awaitable<bool> open_session(viewer& guest);
    /// The stream that a hello asks for by its name, or by none; null where there is none.
    const framed_stream* find(std::string_view name) const;
    std::string refusal_of(std::string_view name) const;
    bool gets_many(const viewer& guest) const;
    std::unique_ptr<viewer_ear> ear_for(const viewer& guest) const;
    void note_cut(const net_address& peer, const std::string& why);
    awaitable<void> attend(viewer& from);
    awaitable<void> ping(std::weak_ptr<present> to);
    awaitable<void> dismiss(viewer& from, std::string why);
    wire_message last_word() const;

    module_context& host_;
    options options_;
    std::vector<framed_stream> streams_;
    counter& count_refused_;
    std::unique_ptr<fan_out> viewers_;
};

}  // namespace streamhost
