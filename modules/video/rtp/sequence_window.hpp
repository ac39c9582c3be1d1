#pragma once

#include <bitset>
#include <cstdint>

namespace streamhost::video::rtp {

/// Follows the sequence numbers of one stream: gives each packet its place, tells what came late and what came twice, and
/// counts what never came: once it is so far behind the newest packet that it would not be taken any more. See RFC 3550,
/// appendix A.1, for what is a leap.
class sequence_window {
public:
    /// How far a packet may come behind the newest one.
    static constexpr std::int64_t width = 256;
    /// A number further ahead is a leap, not a loss.
    static constexpr int longest_loss = 3000;

    enum class kind : std::uint8_t {
        next,      ///< newer than all before
        late,      ///< between those that came before
        repeated,  ///< has been here
        stray,     ///< far away from the others: another one that follows it is a new beginning
        restarted, ///< the second one of a new beginning; what came before has ended
    };
    struct place {
        kind is;
        std::int64_t number;  ///< without the wrap at 65536; of no meaning for `repeated` and `stray`
    };
    place take(std::uint16_t sequence) noexcept;

    /// No more will come: what is missing is lost.
    void finish() noexcept;

    std::uint64_t lost() const noexcept { return lost_; }

private:
    void begin(std::uint16_t sequence) noexcept;
    void advance() noexcept;
    std::size_t slot(std::int64_t number) const noexcept { return static_cast<std::size_t>(number & (width - 1)); }

    bool begun_ = false;
    std::int64_t first_ = 0;    ///< nothing before it is missed
    std::int64_t newest_ = 0;
    int expected_stray_ = -1;   ///< the number that makes a leap a beginning; -1: none
    std::bitset<static_cast<std::size_t>(width)> here_;  ///< of the newest `width` numbers
    std::uint64_t lost_ = 0;
};

}  // namespace streamhost::video::rtp
