#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/tcp_wire.hpp>
#include <streamhost/wire/framed_opening.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace streamhost {

/// Serves one stream of messages to any number of TCP viewers: what all server modules of the wires `framed` and `pickle`
/// have in common. It opens `framed` sessions, answers their pings, says the end, and leaves the rest to `fan_out`.
/// Confined to the module's lane; the module owns it and keeps it until its tasks have ended.
class STREAMHOST_API stream_server {
public:
    struct options {
        tcp_wire wire = tcp_wire::framed;
        std::string stream;                                     ///< its name on the wire `framed`, or empty
        std::string content;                                    ///< for the log: "video"
        framed::message_type type = framed::message_type::any;  ///< what `framed` viewers are told to expect
        queue_options usual_queue;                              ///< of a viewer, where the topology says nothing
        std::function<void(std::size_t viewers)> on_viewers;    ///< see `fan_out::options`
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
    awaitable<bool> open_session(stream& session);
    awaitable<void> answer_pings(viewer& from);
    wire_message last_word() const;

    module_context& host_;
    options options_;
    framed::answer announced_;  ///< what they have in common
    std::unique_ptr<fan_out> viewers_;
};

}  // namespace streamhost
