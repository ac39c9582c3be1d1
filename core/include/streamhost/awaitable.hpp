#pragma once

#include <streamhost/export.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace streamhost {

namespace asio = boost::asio;

/// What a lane is doing at this moment, for the watchdog: written by the lane's thread, read by any.
struct lane_activity;

/// Who a piece of running code belongs to: one per instance, and one per lane for the host's own work. The executor of
/// an instance carries it, so that the watchdog, the processor time and the log know whose code runs.
struct activity {
    std::string name;
    lane_activity* lane = nullptr;
    std::atomic<std::int64_t> busy_ns{0};  ///< time spent running on the lane; written by the lane's thread only
};

struct lane_activity {
    /// Work that takes longer in one piece makes the others of the lane wait too long.
    static constexpr std::int64_t longest_turn_ns = 50'000'000;

    std::atomic<const activity*> running{nullptr};  ///< null while the lane is idle
    std::atomic<std::uint64_t> turns{0};            ///< rises with each piece of work
    std::atomic<const activity*> overran{nullptr};  ///< whose work took too long; null once that was seen
    std::atomic<std::int64_t> overran_ns{0};        ///< how long
};

/// Marks the enclosed piece of work as belonging to one instance. Nests: a dispatched handler may run inside another's.
class STREAMHOST_API activity_scope {
public:
    explicit activity_scope(activity& owner) noexcept;
    ~activity_scope();
    activity_scope(const activity_scope&) = delete;
    activity_scope& operator=(const activity_scope&) = delete;

private:
    activity& owner_;
    const activity* outer_;
    std::int64_t started_ns_;
};

/// The executor of an instance: its lane's, with the instance's mark around everything that it runs. Copyable; refers to
/// the lane and the activity, which outlive every coroutine of the instance.
template <class Inner>
class basic_executor {
public:
    basic_executor(Inner inner, activity& owner) noexcept : inner_(std::move(inner)), owner_(&owner) {}

    activity& owner() const noexcept { return *owner_; }

    template <class Property>
        requires asio::can_query_v<const Inner&, Property>
    decltype(auto) query(const Property& property) const noexcept {
        return asio::query(inner_, property);
    }

    template <class Property>
        requires asio::can_require_v<const Inner&, Property>
    auto require(const Property& property) const {
        using other = std::decay_t<decltype(asio::require(inner_, property))>;
        return basic_executor<other>(asio::require(inner_, property), *owner_);
    }

    template <class Property>
        requires asio::can_prefer_v<const Inner&, Property>
    auto prefer(const Property& property) const {
        using other = std::decay_t<decltype(asio::prefer(inner_, property))>;
        return basic_executor<other>(asio::prefer(inner_, property), *owner_);
    }

    template <class Function>
    void execute(Function&& function) const {
        inner_.execute(marked<std::decay_t<Function>>{owner_, std::forward<Function>(function)});
    }

    friend bool operator==(const basic_executor& a, const basic_executor& b) noexcept {
        return a.inner_ == b.inner_ && a.owner_ == b.owner_;
    }
    friend bool operator!=(const basic_executor& a, const basic_executor& b) noexcept { return !(a == b); }

private:
    template <class Function>
    struct marked {
        activity* owner;
        Function function;

        void operator()() {
            activity_scope scope(*owner);
            std::move(function)();
        }
    };

    Inner inner_;
    activity* owner_;
};

using executor = basic_executor<asio::io_context::executor_type>;

/// The return type of every coroutine of the project. GCC 12: never write `co_await` inside `?:`, inside a braced
/// initialiser or with a braced list as argument; it compiles and frees twice.
template <class T = void>
using awaitable = asio::awaitable<T, executor>;

inline constexpr asio::use_awaitable_t<executor> use_awaitable{};

using steady_time = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;

}  // namespace streamhost
