#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/framed_clock.hpp>
#include <streamhost/wire_message.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace streamhost {

/// Each side of a `framed` session pings this often.
inline constexpr auto ping_period = std::chrono::seconds(5);
/// Who has been silent for so long has gone: it would have answered.
inline constexpr auto framed_silence = 3 * ping_period;

/// The other side of one `framed` session, whichever side has dialled: answers its pings, and knows its clock from its
/// answers to ours. Confined to the module's lane.
class STREAMHOST_API framed_peer {
public:
    explicit framed_peer(module_context& host) : host_(host) {}

    /// A new session. `boot`: of the machine at the other end, where that is known already.
    void begin(std::optional<std::array<std::byte, 16>> boot);

    /// A message of the session itself (ping, pong, an end): why the session ends with it, or an empty text. Nothing where
    /// the message is none of these. `reply` gets the answer to a ping.
    std::optional<std::string> take(const framed::message& message, const std::function<void(wire_message)>& reply);

    /// A ping to send, now.
    wire_message ping() const;

    /// Translates the stamp to this host's clock, where the two clocks are known to each other.
    void note_local_time(message_header& header, std::int64_t now_ns) const;

private:
    module_context& host_;
    framed::clock_estimate clock_;
    std::optional<std::array<std::byte, 16>> boot_;  ///< of the machine that `clock_` is about
};

/// The counts of what a module receives, whatever the number of its peers.
class STREAMHOST_API arrivals {
public:
    explicit arrivals(module_context& host);

    void note(std::size_t size);
    /// With the age of the message, where its header tells it.
    void note(std::size_t size, const message_header& header, std::int64_t now_ns);

private:
    latency_histogram ages_;
    counter& count_received_;
    counter& count_bytes_;
    counter& age_p50_us_;
    counter& age_p99_us_;
};

}  // namespace streamhost
