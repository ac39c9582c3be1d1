#pragma once

#include <streamhost/export.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace streamhost {

/// What a full queue does with the next message. Drops are whole messages, counted by reason.
enum class queue_policy : std::uint8_t {
    latest,       ///< newer messages replace the waiting ones: what is live stays live
    drop_oldest,  ///< the oldest waiting message makes room
    drop_newest,  ///< the new message is dropped
    wait,         ///< the producer waits, at most `queue_options::wait`, then the message is dropped
    disconnect,   ///< the consumer is cut; for viewers only
};

STREAMHOST_API std::string_view to_string(queue_policy policy) noexcept;

/// How many messages a queue of that policy holds where nobody says.
constexpr std::uint32_t usual_items(queue_policy policy) noexcept {
    return policy == queue_policy::latest ? 1 : policy == queue_policy::disconnect ? 256 : 64;
}

/// The queue of one link or of one viewer. Each limit holds by itself; the first that is reached makes the queue full.
struct queue_options {
    queue_policy policy = queue_policy::wait;
    std::uint32_t items = usual_items(queue_policy::wait);  ///< at least 1
    std::uint64_t bytes = 0;                                ///< of payload; 0: no limit of its own
    std::chrono::milliseconds age{0};                       ///< older messages are dropped; 0: any age
    std::chrono::milliseconds wait{1000};                   ///< how long `wait` holds a producer back

    bool operator==(const queue_options&) const = default;
};

/// The options of a policy with everything else at its default.
constexpr queue_options usual_queue(queue_policy policy) noexcept {
    return {.policy = policy, .items = usual_items(policy)};
}

/// "latest, 1 item" or "drop_oldest, 256 items, 200ms": for graphs and logs.
STREAMHOST_API std::string to_string(const queue_options& options);

/// What a topology says about a queue: any part of it.
struct queue_choice {
    std::optional<queue_policy> policy{};
    std::optional<std::uint32_t> items{};
    std::optional<std::uint64_t> bytes{};
    std::optional<std::chrono::milliseconds> age_ms{};
    std::optional<std::chrono::milliseconds> wait_ms{};

    bool operator==(const queue_choice&) const = default;

    /// The options that result where `base` is the default. Another policy than the base's starts from that policy's
    /// own defaults, so that `drop_oldest` chosen for pictures does not inherit the single place of `latest`.
    STREAMHOST_API queue_options over(const queue_options& base) const;
};

/// What a link does to its messages, for tests: a bad network, or a slow part, where there is none.
struct link_fault {
    std::chrono::milliseconds delay_ms{0};   ///< each message comes so much later, in order
    std::chrono::milliseconds jitter_ms{0};  ///< and up to so much more, at random
    double loss = 0;                         ///< part of the messages that never comes, 0 to 1
    std::chrono::milliseconds stall_every_ms{0};  ///< so often nothing passes ...
    std::chrono::milliseconds stall_ms{0};        ///< ... for so long; then all of it comes at once
    std::uint64_t rate = 0;                  ///< bytes per second that pass; 0: any

    bool operator==(const link_fault&) const = default;
};

/// What the queues of a message type are like where the topology says nothing.
struct queue_defaults {
    queue_options link = usual_queue(queue_policy::wait);           ///< inside a host
    queue_options viewer = usual_queue(queue_policy::drop_oldest);  ///< to a remote consumer
};

}  // namespace streamhost
