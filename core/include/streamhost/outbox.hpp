#pragma once

#include <streamhost/export.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/wire_message.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace streamhost {

class message_queue;

/// What waits to be written to one peer: answers, and messages of any number of channels, each channel in a bounded queue
/// of its own with its own policy. Answers come first, then small messages of all channels in turn, then large ones in
/// turn: a reading never waits behind the pictures that wait, only behind the one that is being written. Confined to its
/// lane.
class STREAMHOST_API outbox {
public:
    /// Messages below so many bytes go ahead of the others: what even a slow connection takes at once.
    static constexpr std::size_t small_message = 16 * 1024;
    /// Answers that may wait: who asks has to read what it asks for.
    static constexpr std::size_t most_replies = 16;

    outbox();
    ~outbox();
    outbox(const outbox&) = delete;
    outbox& operator=(const outbox&) = delete;

    /// Messages of the channel are wanted, from now on.
    void open(std::size_t channel, const queue_options& queue);

    /// Stores a message by the policy of its channel's queue; one of a channel that was not opened is none of this peer's.
    /// False where the policy `disconnect` wants the peer cut.
    bool store(std::size_t channel, std::shared_ptr<const wire_message> content, std::int64_t arrived_ns,
               std::int64_t now_ns);

    /// False, and nothing is stored, where too many answers wait.
    bool reply(wire_message content);

    struct item {
        std::shared_ptr<const wire_message> content;  ///< null where nothing waits
        bool is_reply = false;
    };
    item next(std::int64_t now_ns);

    /// How many messages were dropped by their queue since the last call.
    std::uint64_t take_drops();
    /// Messages that wait, answers left out.
    std::size_t waiting() const noexcept;

private:
    item take(std::int64_t now_ns, bool large);

    std::vector<std::unique_ptr<message_queue>> channels_;  // null where not opened
    std::deque<std::shared_ptr<const wire_message>> replies_;
    std::size_t turn_ = 0;  // the channel that is looked at first
    std::uint64_t counted_drops_ = 0;
};

}  // namespace streamhost
