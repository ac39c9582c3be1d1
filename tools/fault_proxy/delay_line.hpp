#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/event.hpp>

#include <boost/asio/basic_waitable_timer.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace fault_proxy {

using steady_timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                      streamhost::executor>;

/// What is on its way in one direction of one flow, in the order in which it goes on. Confined to one thread. Its bound is
/// the caller's to keep, by `bytes()`.
class delay_line {
public:
    explicit delay_line(streamhost::executor on) : timer_(on) {}

    /// `due` is never before that of the one before.
    void push(std::chrono::steady_clock::time_point due, std::string packet);

    /// Waits until the first one is due; empty once it was closed and nothing is left, or at once after `abort`.
    streamhost::awaitable<std::optional<std::string>> next();

    std::size_t bytes() const noexcept { return bytes_; }
    /// Waits until something has left.
    streamhost::awaitable<void> wait_for_room() { return left_.wait(); }

    void close();
    /// What is on its way will not arrive.
    void abort();
    bool aborted() const noexcept { return aborted_; }

private:
    struct parcel {
        std::chrono::steady_clock::time_point due;
        std::string packet;
    };

    std::deque<parcel> parcels_;
    std::size_t bytes_ = 0;
    bool closed_ = false;
    bool aborted_ = false;
    steady_timer timer_;
    streamhost::event changed_;
    streamhost::event left_;
};

}  // namespace fault_proxy
