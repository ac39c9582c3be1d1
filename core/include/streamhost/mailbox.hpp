#pragma once

#include <streamhost/awaitable.hpp>

#include <boost/asio/post.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace streamhost {

/// Hands values from a thread of a module's own (one that blocks on a device) to the module's lane. There is place for
/// one value: the writer replaces what waits, or waits for room. Neither end keeps the other alive: a thread that hangs
/// may outlive the lane, and then writes into the void.
///
/// The mailbox belongs to the lane and is confined to its thread; the writer belongs to the other one.
template <class T>
class mailbox {
    struct shared_state {
        std::mutex mutex;
        std::condition_variable room;
        std::optional<T> waiting;
        std::uint64_t replaced = 0;
        bool closed = false;           // the lane wants no more
        bool ended = false;            // the writer is gone
        bool told = false;             // a call of `changed` is on its way
        std::optional<executor> lane;  // nothing once the lane's end is gone
        std::function<void()> changed; // used by the lane's thread only
    };
    using state_pointer = std::shared_ptr<shared_state>;

    /// Requires the mutex to be held, so that the lane's end cannot go meanwhile.
    static void tell(const state_pointer& state) {
        if (!state->lane || state->told) return;
        state->told = true;
        asio::post(*state->lane, [state] {
            {
                const std::lock_guard lock(state->mutex);
                state->told = false;
                if (!state->lane) return;
            }
            state->changed();
        });
    }

public:
    /// The thread's end. Movable; one thread at a time. Its destruction is seen by the lane as `ended()`.
    class writer {
    public:
        explicit writer(state_pointer state) : state_(std::move(state)) {}
        writer(writer&&) noexcept = default;
        writer& operator=(writer&&) = delete;
        ~writer() {
            if (!state_) return;
            const std::lock_guard lock(state_->mutex);
            state_->ended = true;
            tell(state_);
        }

        /// Replaces the value that waits, if one does. Never waits itself. False once the lane wants no more.
        bool offer(T value) {
            const std::lock_guard lock(state_->mutex);
            if (state_->closed) return false;
            if (state_->waiting) ++state_->replaced;
            state_->waiting = std::move(value);
            tell(state_);
            return true;
        }

        /// Waits for as long as another value waits. False once the lane wants no more.
        bool put(T value) {
            std::unique_lock lock(state_->mutex);
            state_->room.wait(lock, [this] { return state_->closed || !state_->waiting; });
            if (state_->closed) return false;
            state_->waiting = std::move(value);
            tell(state_);
            return true;
        }

        bool closed() const {
            const std::lock_guard lock(state_->mutex);
            return state_->closed;
        }

    private:
        state_pointer state_;
    };

    /// `changed` is called on the lane after a value came or the writer went; several changes may be one call.
    mailbox(executor lane, std::function<void()> changed) : state_(std::make_shared<shared_state>()) {
        state_->lane.emplace(std::move(lane));
        state_->changed = std::move(changed);
    }
    mailbox(const mailbox&) = delete;
    mailbox& operator=(const mailbox&) = delete;
    ~mailbox() {
        close();
        const std::lock_guard lock(state_->mutex);
        state_->lane.reset();
        state_->changed = nullptr;
    }

    /// To be called once.
    writer make_writer() { return writer(state_); }

    std::optional<T> take() {
        std::optional<T> value;
        {
            const std::lock_guard lock(state_->mutex);
            value.swap(state_->waiting);
        }
        state_->room.notify_one();
        return value;
    }

    /// No more values, also not the one that waits. The lane still hears of the writer's end.
    void close() {
        std::optional<T> unwanted;
        {
            const std::lock_guard lock(state_->mutex);
            state_->closed = true;
            unwanted.swap(state_->waiting);
        }
        state_->room.notify_one();
    }

    /// The writer is gone; a value may still wait.
    bool ended() const {
        const std::lock_guard lock(state_->mutex);
        return state_->ended;
    }

    /// How many values were replaced before the lane took them, since the last call.
    std::uint64_t take_replaced() {
        const std::lock_guard lock(state_->mutex);
        return std::exchange(state_->replaced, 0);
    }

private:
    state_pointer state_;
};

}  // namespace streamhost
