#pragma once

#include "chat_wire.hpp"

#include <cstddef>
#include <deque>
#include <utility>

namespace streamhost::chat {

/// The last lines, as they were sent, for those who join later.
class line_history {
public:
    static constexpr std::size_t most_bytes = 1024 * 1024;  ///< older lines go when there are more

    struct entry {
        wire_message content;
        std::int64_t arrived_ns = 0;
    };

    explicit line_history(std::size_t lines) : lines_(lines) {}

    void add(wire_message content, std::int64_t arrived_ns) {
        if (lines_ == 0) return;
        bytes_ += content.size();
        entries_.push_back({std::move(content), arrived_ns});
        while (entries_.size() > lines_ || bytes_ > most_bytes) {
            bytes_ -= entries_.front().content.size();
            entries_.pop_front();
        }
    }

    const std::deque<entry>& entries() const noexcept { return entries_; }

private:
    std::size_t lines_;
    std::size_t bytes_ = 0;
    std::deque<entry> entries_;
};

}  // namespace streamhost::chat
