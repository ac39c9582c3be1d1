#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/net.hpp>
#include <streamhost/viewer_record.hpp>
#include <streamhost/wire/base64_jpeg.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::video {

/// Who gets the pictures of a datagram server. Anybody can write another's address on a datagram, so only a proven one
/// becomes a viewer: of a host that holds a chat session, of loopback, or of a network that was allowed. What an unproven
/// one asks for is remembered for a while, because a viewer of the tutorials asks once, just before its chat connects.
///
/// A viewer of the tutorials never asks again: it ends when the last chat session of its host does, when its host says
/// that nobody receives there any more, or when it makes room for another. One of streamhost's own asks again and again,
/// and also ends when it has not for a while.
///
/// Knows no clock and no socket. Confined to one thread.
class datagram_viewers {
public:
    struct viewer {
        net_address address;
        steady_time heard;        ///< when it asked last
        bool allowed = false;     ///< proven without a chat
        bool asks_again = false;  ///< has said `view`
        bool chatted = false;     ///< its host has held a chat session since it came
        bool owed = false;        ///< is to get the present picture, or the rest of it
        bool due = false;         ///< is to get a part of it in this round
        std::size_t taken = 0;    ///< bytes of it that have been sent
        std::uint64_t datagrams = 0;  ///< sent to it, ever
        steady_time since;        ///< it asked first
        bool told = false;        ///< that it is unproven
        std::shared_ptr<viewer_record> record{};  ///< what the host shows of it, where `joined` has given it one
    };

    struct options {
        std::size_t most = 16;                              ///< viewers; who has not asked for longest makes room
        duration silence = std::chrono::seconds(10);        ///< of who asks again: gone
        std::size_t most_waiting = 256;                     ///< unproven ones, the oldest makes room
        duration patience = std::chrono::seconds(30);       ///< with those
        duration doubt = std::chrono::seconds(2);           ///< an unproven one is told of when its chat has not come by then
        std::function<bool(const std::string& host)> in_chat;  ///< whether a host holds a chat session
        std::function<void(viewer&)> joined;
        std::function<void(const viewer&, std::string_view why)> left;
        std::function<void(const viewer&)> unproven;           ///< once for each that is remembered
    };
    explicit datagram_viewers(options chosen) : options_(std::move(chosen)) {}

    enum class outcome {
        viewing,   ///< a viewer, new or not
        unproven,  ///< remembered, or not even that
        gone,      ///< said bye
        ignored,
    };
    outcome hear(const net_address& from, base64_jpeg::request asked, bool allowed, steady_time now);

    /// Nobody receives there.
    void refused(const net_address& by);

    /// A host is in the chat now: who waits there is proven. Or it is not any more.
    void chat_began(const std::string& host, steady_time now);
    void chat_ended(const std::string& host);

    /// Those who have been silent for too long go. To be called every second or so.
    void expire(steady_time now);

    /// Everybody is owed the picture that is there now, from its beginning. It came to this host at `arrived_ns`.
    void owe_all(std::int64_t arrived_ns = 0);
    /// Those who are owed it do not get it: it is dropped for each. Returns how many were.
    std::size_t drop();
    /// There is none yet that anybody could be owed.
    void excuse();
    bool any_owed() const noexcept;
    /// Somebody has got a part of it, and not the rest.
    bool any_begun() const noexcept;

    /// Everybody who is owed it is to get a part of it; without `beginners` only who has begun it. False where nobody is.
    bool begin_round(bool beginners);
    /// One who is to get a part, beginning behind the one who got one last, so that nobody always comes last; null where
    /// none is. Valid until the next call of anything.
    const viewer* next_due();
    /// That one has got so many bytes, in so many datagrams; `all`: nothing is left. So it is not due any more.
    void pay(std::size_t bytes, std::size_t datagrams, bool all);
    /// That one gets nothing more of it.
    void give_up();

    std::size_t count() const noexcept { return viewers_.size(); }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    const std::vector<viewer>& all() const noexcept { return viewers_; }

private:
    using list = std::vector<viewer>;

    static list::iterator find(list& in, const net_address& address);
    void add(viewer newcomer);
    list::iterator remove(list::iterator which, std::string_view why);
    void remember(viewer unproven);
    void owe(viewer& one) const;
    static void settle(viewer& one, counter viewer_record::*outcome);

    options options_;
    list viewers_;  ///< in the order of their coming
    list waiting_;  ///< in the order of their asking
    std::size_t turn_ = 0;
    std::int64_t arrived_ns_ = 0;
};

}  // namespace streamhost::video
