#pragma once

#include <streamhost/counter.hpp>
#include <streamhost/export.hpp>
#include <streamhost/queue_policy.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace streamhost {

/// What is counted of one remote viewer, as of a link. Written by the viewer's lane, read from any thread.
class viewer_record {
public:
    viewer_record(std::string name, queue_options queue) : name_(std::move(name)), queue_(queue) {}

    const std::string& name() const noexcept { return name_; }  ///< its address
    const queue_options& queue() const noexcept { return queue_; }

    counter delivered;  ///< messages written whole
    counter bytes;      ///< of those
    counter replaced;   ///< messages dropped because newer ones came
    counter aged;       ///< messages dropped because they had waited too long
    counter unsent;     ///< messages dropped because the system had no room for them, or no way
    counter waiting;    ///< messages it has not had yet, the one that is being written included
    counter arrived_ns; ///< when the one that is being written came to this host; 0 while none is

private:
    const std::string name_;
    const queue_options queue_;
};

/// A viewer at one moment.
struct viewer_snapshot {
    std::string name;
    std::string policy;  ///< "latest, 1 item"
    std::uint64_t delivered = 0;
    std::uint64_t bytes = 0;
    std::vector<std::pair<std::string, std::uint64_t>> dropped;  ///< by reason, every reason once
    std::uint64_t waiting = 0;
    std::int64_t age_ns = 0;  ///< of the message that is being written; 0 while none is
};

/// The viewers that one instance has now. Any thread.
class STREAMHOST_API viewer_register {
public:
    /// A viewer is there for as long as somebody holds its record.
    std::shared_ptr<viewer_record> add(std::string name, const queue_options& queue);

    std::vector<viewer_snapshot> snapshot(std::int64_t now_ns) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::weak_ptr<const viewer_record>> records_;
    std::size_t tidy_at_ = 64;  ///< entries at which those of viewers that have gone are removed
};

}  // namespace streamhost
