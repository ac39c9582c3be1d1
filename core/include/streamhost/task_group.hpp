#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/event.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <list>

namespace streamhost {

/// The one door to start a coroutine. Children run on the group's executor; the group is joined before it is destroyed.
/// The first child that throws ends its siblings, and `join()` throws what it threw. Confined to its lane's thread. A
/// group that was terminated, or in which a child has failed, stays so: what is spawned later ends before it begins.
class STREAMHOST_API task_group {
public:
    explicit task_group(executor on) : executor_(std::move(on)) {}
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// Starts `task` in a later turn of the lane. A spawned coroutine takes everything by value.
    void spawn(awaitable<void> task);

    /// Waits until every child has ended; throws the first failure. A child that ends by `operation_aborted` after
    /// `terminate()` has not failed. Where the awaiting coroutine itself is ended, the children are ended with it, and
    /// `join()` still waits for them before it throws.
    awaitable<void> join();

    /// Terminal cancellation of every child, also of those spawned later.
    void terminate();

    std::size_t size() const noexcept { return children_.size(); }

private:
    struct child {
        asio::cancellation_signal cancel;
    };

    void finished(std::list<child>::iterator which, std::exception_ptr failure);

    executor executor_;
    std::list<child> children_;
    std::list<child>::iterator next_told_ = children_.end();  // where terminate() goes on
    event all_done_;
    std::exception_ptr failure_;
    bool terminating_ = false;
    bool telling_ = false;
};

}  // namespace streamhost
