#pragma once

#include <streamhost/event.hpp>
#include <streamhost/module.hpp>

#include <cstddef>
#include <deque>
#include <utility>

namespace streamhost::web {

/// Sends on an output in order, so that who says something need not wait for a slow receiver. Confined to the lane.
template <class T>
class steady_sender {
public:
    steady_sender(output<T> to, std::size_t most) : to_(to), most_(most) {}

    bool linked() const noexcept { return to_.linked(); }

    /// False, and nothing is stored, where too much waits already.
    bool send(T content) {
        if (closing_ || waiting_.size() >= most_) return false;
        push(std::move(content));
        return true;
    }
    /// Ahead of all that waits, which is given up: what came before has no meaning any more.
    void send_instead(T content) {
        if (closing_) return;
        waiting_.clear();
        push(std::move(content));
    }

    /// Nothing more comes; what waits is still sent.
    void close() {
        closing_ = true;
        changed_.set();
    }

    /// Until it was closed and all is sent. The module spawns it.
    awaitable<void> run() {
        for (;;) {
            if (waiting_.empty()) {
                if (closing_) break;
                co_await changed_.wait();
                continue;
            }
            auto next = std::move(waiting_.front());
            waiting_.pop_front();
            co_await to_.send(std::move(next));
        }
        to_.close();
    }

private:
    void push(T content) {
        waiting_.push_back(std::move(content));
        changed_.set();
    }

    output<T> to_;
    std::size_t most_;
    std::deque<T> waiting_;
    bool closing_ = false;
    event changed_;
};

}  // namespace streamhost::web
