#pragma once

#include <streamhost/wire/framed.hpp>

#include <array>
#include <optional>

/// What a session learns about its peer's steady clock from pings: the four-stamp exchange of NTP (RFC 5905, section
/// 8).
namespace streamhost::framed {

/// The peer's steady clock minus one's own. The true offset lies within `uncertainty_ns` on either side.
struct clock_offset {
    std::int64_t offset_ns = 0;
    std::int64_t uncertainty_ns = 0;
    friend bool operator==(clock_offset, clock_offset) = default;
};

/// What one exchange says; `received_ns` is when the pong arrived, by one's own steady clock. Uncertain by half the
/// round trip. Nothing where the stamps contradict each other.
STREAMHOST_API std::optional<clock_offset> measure_offset(const pong& answer, std::int64_t received_ns) noexcept;

/// The best of the latest exchanges: the one with the smallest round trip, because it left the network the least room
/// to be lopsided (RFC 5905, section 10: eight stages; a clock is taken to wander by 15 parts per million).
/// One for each session, used on its lane.
class STREAMHOST_API clock_estimate {
public:
    void add(const pong& answer, std::int64_t received_ns) noexcept;

    /// Unknown until the first pong. The uncertainty includes how far the clocks may have wandered by `now_ns`, which
    /// is read from one's own steady clock.
    std::optional<clock_offset> at(std::int64_t now_ns) const noexcept;

private:
    struct sample {
        clock_offset measured;
        std::int64_t received_ns = 0;
    };

    std::array<sample, 8> samples_{};
    std::size_t added_ = 0;
};

}  // namespace streamhost::framed
