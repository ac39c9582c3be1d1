#pragma once

#include "graph/broadcast.hpp"

#include <streamhost/export.hpp>
#include <streamhost/queue_policy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

namespace streamhost {

/// The newest messages of one channel. A viewer has no queue of its own but a place in here, so what it costs does not
/// grow with its slowness; what the policy drops it skips when it looks again. Places count the messages from the
/// beginning of the channel. Confined to its lane.
class STREAMHOST_API channel_log {
public:
    /// The policies of viewers: `latest`, `drop_oldest`, `disconnect`.
    explicit channel_log(const queue_options& options) : options_(options) {}

    void add(std::shared_ptr<const broadcast> message);

    /// The place behind the newest message.
    std::uint64_t end() const noexcept { return end_; }

    /// The place of a viewer that joins now: before the newest message, or behind it where that is out of date.
    std::uint64_t joining_place() const noexcept { return newest_is_good_ ? end_ - 1 : end_; }
    /// The newest message is out of date for viewers that join.
    void forget_newest() noexcept { newest_is_good_ = false; }

    struct skipped {
        std::uint64_t replaced = 0;  ///< messages that newer ones have taken the place of
        std::uint64_t aged = 0;      ///< messages that have waited too long
    };
    /// Moves a place past what the policy drops.
    skipped settle(std::uint64_t& place, std::int64_t now_ns) const;

    /// The message at a settled place; null at the end. Valid until the next `add`.
    const std::shared_ptr<const broadcast>* at(std::uint64_t place) const;

    /// A round past all viewers: the messages that all of those noted between the two have had are forgotten, but for the
    /// newest. Who joins meanwhile need not be noted.
    void begin_round() noexcept { lowest_ = end_ == 0 ? 0 : end_ - 1; }
    void note(std::uint64_t place) noexcept { lowest_ = std::min(lowest_, place); }
    void end_round();

    /// A viewer at that place is to be cut: more waits for it than `disconnect` allows.
    bool is_overrun(std::uint64_t place) const noexcept {
        return options_.policy == queue_policy::disconnect && place < begin();
    }

    const queue_options& options() const noexcept { return options_; }

private:
    std::uint64_t begin() const noexcept { return end_ - messages_.size(); }
    void remove_oldest();

    queue_options options_;
    std::deque<std::shared_ptr<const broadcast>> messages_;
    std::size_t bytes_ = 0;
    std::uint64_t end_ = 0;
    std::uint64_t lowest_ = 0;  ///< place that was noted in this round
    bool newest_is_good_ = false;
};

}  // namespace streamhost
