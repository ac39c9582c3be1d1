#include "delay_line.hpp"

#include <boost/asio/as_tuple.hpp>

#include <utility>

namespace fault_proxy {

void delay_line::push(std::chrono::steady_clock::time_point due, std::string packet) {
    if (aborted_) return;
    bytes_ += packet.size();
    parcels_.push_back({due, std::move(packet)});
    changed_.set();
}

streamhost::awaitable<std::optional<std::string>> delay_line::next() {
    while (!aborted_) {
        if (parcels_.empty()) {
            if (closed_) break;
            co_await changed_.wait();
            continue;
        }
        if (parcels_.front().due > std::chrono::steady_clock::now()) {
            timer_.expires_at(parcels_.front().due);
            (void)co_await timer_.async_wait(boost::asio::as_tuple(streamhost::use_awaitable));
            continue;
        }
        auto packet = std::move(parcels_.front().packet);
        parcels_.pop_front();
        bytes_ -= packet.size();
        left_.set();
        co_return packet;
    }
    co_return std::nullopt;
}

void delay_line::close() {
    closed_ = true;
    changed_.set();
}

void delay_line::abort() {
    aborted_ = true;
    timer_.cancel();
    changed_.set();
    left_.set();
}

}  // namespace fault_proxy
