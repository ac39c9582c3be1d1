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

}  // namespace

task_group::~task_group() { STREAMHOST_ASSERT(children_.empty()); }

void task_group::spawn(awaitable<void> task) {
    const auto which = children_.emplace(children_.end());
    asio::co_spawn(executor_, std::move(task),
                   asio::bind_cancellation_slot(
                       which->cancel.slot(), [this, which](std::exception_ptr e) { finished(which, std::move(e)); }));
    if (terminating_) {
        // Emitted in a turn of its own: the child has to exist before it can be ended.
        asio::post(executor_, [this] {
            if (!children_.empty()) terminate();
        });
    }
}

void task_group::finished(std::list<child>::iterator which, std::exception_ptr failure) {
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
        try {
            co_await all_done_.wait();
        } catch (const boost::system::system_error&) {
            aborted = std::current_exception();
        }
        if (aborted && !terminating_) {
            // The parent is being ended: its children go with it, and it still waits for them. Without this, the next
            // wait would throw at once and leave them behind.
            terminate();
            co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        }
    }
    if (aborted) std::rethrow_exception(aborted);
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void task_group::terminate() {
    terminating_ = true;
    // Emitting may run a child's end inline, which removes it from the list.
    for (auto next = children_.begin(); next != children_.end();) {
        const auto current = next++;
        current->cancel.emit(asio::cancellation_type::terminal);
    }
}

}  // namespace streamhost
