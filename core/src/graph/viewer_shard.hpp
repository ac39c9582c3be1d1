#pragma once

#include "graph/channel_log.hpp"
#include "graph/viewer_seat.hpp"

#include <streamhost/counter.hpp>
#include <streamhost/memory_file.hpp>
#include <streamhost/timers.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// The viewers of one `fan_out` that one lane serves: writes every message to every socket that has room, and waits for
/// those that have none. Confined to its lane.
class viewer_shard : public std::enable_shared_from_this<viewer_shard> {
public:
    struct departure {
        std::shared_ptr<viewer_seat> who;
        std::string reason;
        bool stalled = false;
    };

    struct options {
        executor as;
        timer_queue& timers;
        std::vector<queue_options> queues;
        bool begins_with_latest = true;
        duration stall{};
        duration message{};  ///< from the first byte that a viewer says to the end of what it says
        /// Both may be called in the middle of anything: they post.
        std::function<void(departure)> on_departure;
        std::function<void(net_address, std::string)> on_objection;
        viewer_register& records;
        counter& sent;
        counter& bytes;
        counter& replaced;
        counter& aged;
        counter& left_behind;
        counter& dropped;  ///< the sum of the three
    };

    explicit viewer_shard(options chosen);

    /// `ear` where the viewer is read here; without one somebody else reads, and tells of its end with `remove`.
    void add(std::shared_ptr<viewer_seat> guest, std::unique_ptr<viewer_ear> ear);
    void remove(viewer_seat& guest, std::string_view reason) { leave(guest, reason, false); }

    /// `file`: the same bytes once more, or null.
    void publish(std::size_t channel, std::shared_ptr<const broadcast> message, std::shared_ptr<const memory_file> file);
    void forget_latest();
    /// See `fan_out::end_channel`.
    void end_channel(std::size_t channel, const std::string& why);
    void send_to(viewer_seat& one, std::shared_ptr<const broadcast> message);

    /// Viewers get what waits for them and `last`, and are then closed.
    void finish(std::shared_ptr<const broadcast> last);
    /// Closes all sessions at once and tells nobody.
    void close();

    const executor& as() const noexcept { return options_.as; }
    timer_queue& timers() const noexcept { return options_.timers; }

private:
    friend class viewer_seat;

    struct choice {
        const std::shared_ptr<const broadcast>* message = nullptr;  ///< null where nothing waits
        viewer_seat::role role = viewer_seat::role::message;
        std::size_t place = 0;  ///< in `viewer_seat::places_`, of a message of a channel
        bool only_for_it = false;
    };

    std::int64_t now_ns() const { return options_.timers.time().steady_ns(); }

    void walk();
    void fetch_ahead() const;
    void visit(viewer_seat& guest);
    void settle(viewer_seat& guest);
    void pump(viewer_seat& guest);
    choice next_for(viewer_seat& guest);
    choice next_message(const viewer_seat& guest, bool any_size) const;
    result<std::size_t> write(viewer_seat& guest, const broadcast& message, std::size_t offset);
    void take(viewer_seat& guest, const choice& chosen);
    void written(viewer_seat& guest, const broadcast& message, viewer_seat::role role);
    void block(viewer_seat& guest, bool moved);
    queue_options queue_of(const viewer_seat& guest) const;
    std::size_t waiting_for(const viewer_seat& guest) const;
    void show_waiting(viewer_seat& guest) const;
    void leave(viewer_seat& guest, std::string_view reason, bool stalled);

    void await_words(viewer_seat& guest);
    void hear(viewer_seat& guest);

    void cut_later(viewer_seat& guest, duration delay);
    std::int64_t sweep_after(duration delay);
    void start_sweep(std::int64_t at_ns);
    void sweep();

    options options_;
    std::vector<channel_log> logs_;
    const bool limits_age_;  // of any channel: only then settling a viewer reads the clock
    std::vector<std::shared_ptr<viewer_seat>> seats_;
    std::size_t next_ = 0;       // the seat that is visited next
    std::size_t remaining_ = 0;  // seats that the walk has not come to
    bool walking_ = false;
    std::shared_ptr<const memory_file> file_;  // of the newest message, while it is handed out
    const broadcast* file_of_ = nullptr;
    std::shared_ptr<const broadcast> last_;
    bool finishing_ = false;
    timer sweep_;
    std::int64_t sweep_at_ns_ = 0;  // 0: not running
};

}  // namespace streamhost
