#pragma once

#include <streamhost/net.hpp>
#include <streamhost/timers.hpp>

#include <boost/asio/error.hpp>

namespace streamhost {

/// Cancels an operation of a socket or a pipe that takes longer than it may. Lives as long as the operation; one lane.
template <class Object>
class operation_limit {
public:
    operation_limit(Object& object, timer_queue& timers, duration limit) : timer_(timers) {
        if (limit == no_timeout) return;
        timer_.start_after(limit, [this, &object] {
            expired_ = true;
            error_code ignored;
            object.cancel(ignored);
        });
    }

    /// What the operation has ended with, in our own words where we have them. `code` says that it failed.
    error_code explain(error_code code) const {
        if (expired_) return errc::timed_out;
        return code == asio::error::eof ? make_error_code(errc::end_of_stream) : code;
    }

private:
    timer timer_;
    bool expired_ = false;
};

}  // namespace streamhost
