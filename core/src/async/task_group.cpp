#include <streamhost/task_group.hpp>

#include <streamhost/assert.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

namespace streamhost {
namespace {

bool is_abortion(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;  // some other failure, reported by join()
    }
}

/// A child never runs inside `spawn()`, and one that is ended before its turn never begins.
awaitable<void> in_a_later_turn(awaitable<void> task) {
    co_await asio::post(use_awaitable);
    co_await std::move(task);
}

}  // namespace

task_group::~task_group() { STREAMHOST_ASSERT(children_.empty()); }

void task_group::spawn(awaitable<void> task) {
    const auto which = children_.emplace(children_.end());
    asio::co_spawn(executor_, in_a_later_turn(std::move(task)),
                   asio::bind_cancellation_slot(
                       which->cancel.slot(), [this, which](std::exception_ptr e) { finished(which, std::move(e)); }));
    if (terminating_) which->cancel.emit(asio::cancellation_type::terminal);
}

void task_group::finished(std::list<child>::iterator which, std::exception_ptr failure) {
    if (which == next_told_) ++next_told_;
    children_.erase(which);
    if (failure && !(terminating_ && is_abortion(failure)) && !failure_) {
        failure_ = failure;
        terminate();
    }
    if (children_.empty()) all_done_.set();
}

awaitable<void> task_group::join() {
    std::exception_ptr aborted;
    while (!children_.empty()) {
        const bool told_before = aborted != nullptr;
        try {
            co_await all_done_.wait();
        } catch (const boost::system::system_error&) {
            aborted = std::current_exception();
        }
        if (aborted && !told_before) {
            // The parent is being ended: its children go with it, and it still waits for them. Without the reset, every
            // further wait would throw at once.
            terminate();
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        }
    }
    if (aborted) std::rethrow_exception(aborted);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void task_group::terminate() {
    terminating_ = true;
    if (telling_) return;  // a child failed inside the emission below, which reaches everybody
    telling_ = true;
    // Emitting may run the end of any child inline, and that takes it off the list.
    for (next_told_ = children_.begin(); next_told_ != children_.end();) {
        const auto current = next_told_++;
        current->cancel.emit(asio::cancellation_type::terminal);
    }
    telling_ = false;
}

}  // namespace streamhost
