#pragma once

#include "graph/broadcast.hpp"

#include <streamhost/fan_out.hpp>
#include <streamhost/viewer_record.hpp>

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace streamhost {

class viewer_shard;

/// One viewer of a shard: how far it has got with each of its channels, and the message that is being written to it. What
/// few viewers need costs the others one pointer.
class viewer_seat final : public viewer, public std::enable_shared_from_this<viewer_seat> {
public:
    /// `shown`: what stands beside its address; may be empty.
    explicit viewer_seat(stream session, std::string shown = {}) : session_(std::move(session)), shown_(std::move(shown)) {
        channels_.set();
    }

    stream& session() noexcept override { return session_; }
    void choose(channel_set channels) override { channels_ = channels; }
    const channel_set& channels() const noexcept override { return channels_; }
    void reply(wire_message content) override;
    void dismiss(wire_message last) override;

private:
    friend class viewer_shard;

    using shared = std::shared_ptr<const broadcast>;

    /// What the next write is part of.
    enum class role : std::uint8_t { message, reply, last_word };

    struct channel_place {
        std::size_t channel;
        std::uint64_t next;
    };

    /// For this viewer only, behind what channel 0 held when it was given.
    struct private_message {
        std::uint64_t behind;
        shared content;
    };

    struct extras {
        std::deque<shared> replies;
        std::deque<private_message> only_for_it;
        shared last_word;  ///< it is dismissed
    };
    extras& more() {
        if (!extras_) extras_ = std::make_unique<extras>();
        return *extras_;
    }

    stream session_;
    viewer_shard* shard_ = nullptr;  ///< null before it has a seat
    std::size_t index_ = 0;          ///< among the shard's
    std::shared_ptr<viewer_record> record_;
    boost::container::small_vector<channel_place, 1> places_;
    std::size_t turn_ = 0;  ///< the channel that is looked at first
    shared current_;        ///< the message that is written in part
    std::size_t offset_ = 0;
    role current_role_ = role::message;
    bool blocked_ = false;   ///< its side takes nothing now
    bool said_all_ = false;  ///< the last word was written: its close is awaited
    bool gone_ = false;
    std::int64_t cut_at_ns_ = 0;  ///< where nothing changes before; 0: never
    std::int64_t say_by_ns_ = 0;  ///< what it has begun to say is to be whole; 0: nothing is begun
    std::unique_ptr<viewer_ear> ear_;
    std::unique_ptr<extras> extras_;
    channel_set channels_;
    std::string shown_;  ///< beside its address
};

}  // namespace streamhost
