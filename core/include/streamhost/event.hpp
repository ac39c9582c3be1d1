#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/result.hpp>

#include <boost/asio/async_result.hpp>

#include <cstdint>
#include <list>
#include <optional>

namespace streamhost {

/// Wakes coroutines of one lane: `set()` resumes all that wait, and is remembered when none does (the next `wait()`
/// returns at once). A waiter looks at its condition again after each wake-up. Confined to its lane's thread; must
/// outlive its waiters. Terminal cancellation ends `wait()` by `operation_aborted`, thrown.
class STREAMHOST_API event {
public:
    event() = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    ~event();

    awaitable<void> wait();

    /// Resumes the waiters in a later turn of the lane, never inside this call.
    void set();

    bool has_waiters() const noexcept { return first_.has_value() || !others_.empty(); }

private:
    using handler = asio::async_result<asio::use_awaitable_t<executor>, void(error_code)>::handler_type;
    struct waiter {
        std::uint64_t id;
        handler resume;
    };

    void add(handler resume);
    void cancel(std::uint64_t id);

    std::optional<waiter> first_;  // nearly always the only one, and then nothing is allocated
    std::list<waiter> others_;
    std::uint64_t next_id_ = 0;
    bool set_ = false;
};

}  // namespace streamhost
