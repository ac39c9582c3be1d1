#pragma once

#include "incoming_streams.hpp"

#include <streamhost/stream_server.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace streamhost::stream_family {

/// Takes what one peer sends in one session: what it announces, and the messages. Confined to the module's lane.
class incoming_session final : public framed_receiver {
public:
    /// Counts a message that came, and fills in its local time.
    using note_message = std::function<void(std::size_t size, message_header& header)>;

    /// `peer`: for the log.
    incoming_session(incoming_streams& streams, std::string peer, note_message note);

    /// A session of one stream: what the server's answer says takes the place of an announcement. Returns why that cannot
    /// be taken, empty where it can.
    std::string begin_plain(const framed::announce& only);

    awaitable<std::string> take(framed::message message) override;

private:
    struct channel {
        bool announced = false;
        framed::announce what;
        incoming_stream* to = nullptr;  ///< null where nobody receives it
        bool fresh = true;              ///< no message has come yet
    };

    std::string take_announce(const framed::message& message);
    std::string open(channel& at, framed::announce what);
    awaitable<std::string> take_content(framed::message message);

    incoming_streams& streams_;
    std::string peer_;
    note_message note_;
    std::array<channel, framed::max_streams + 1> channels_;  // 0 in a session of one stream only
};

}  // namespace streamhost::stream_family
