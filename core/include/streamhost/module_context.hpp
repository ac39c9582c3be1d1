#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/backoff.hpp>
#include <streamhost/child.hpp>
#include <streamhost/clock.hpp>
#include <streamhost/counter.hpp>
#include <streamhost/drain.hpp>
#include <streamhost/log.hpp>
#include <streamhost/net.hpp>
#include <streamhost/port.hpp>
#include <streamhost/serial.hpp>
#include <streamhost/session_limits.hpp>
#include <streamhost/terminal.hpp>
#include <streamhost/viewer_record.hpp>

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

namespace streamhost {

class host_view;
class instance;

/// Beats at a steady rate. A beat that comes late does not shift the others, and missed ones are skipped, not caught up.
class STREAMHOST_API ticker {
public:
    /// Throws `std::logic_error` for a period that is not above zero.
    ticker(instance& owner, duration period);

    /// Waits for the next beat; the first comes one period after the ticker was made. False when the host drains.
    awaitable<bool> next();

    /// Holds from the beat after the next one on. Throws like the constructor.
    void set_period(duration period);
    /// Beats that `next()` had to skip because the work between took longer than a period.
    std::uint64_t missed() const noexcept { return missed_; }

private:
    instance* owner_;
    duration period_;
    steady_time due_;
    std::uint64_t missed_ = 0;
};

/// Where work of an instance runs: an executor, and the timers of the same lane.
struct lane_place {
    executor as;
    timer_queue& timers;
};

/// The host as one instance sees it: every contact with the world. Outlives the module. Everything is confined to the
/// instance's lane, except `clock()`, `log()` and `output<T>::post`.
class STREAMHOST_API module_context {
public:
    explicit module_context(instance& owner) : owner_(owner) {}
    module_context(const module_context&) = delete;
    module_context& operator=(const module_context&) = delete;

    const std::string& name() const noexcept;  ///< of the instance, as in the topology
    const std::string& type() const noexcept;
    logger& log() noexcept;

    /// A port that `describe()` has declared. Throws `std::logic_error`, which names the declared ones, where the name
    /// or the type is another.
    template <class T>
    streamhost::input<T> input(std::string_view port) {
        return streamhost::input<T>(input_of(port, &type_of<T>()));
    }
    template <class T>
    streamhost::output<T> output(std::string_view port) {
        return streamhost::output<T>(output_of(port, &type_of<T>()));
    }
    /// An input that takes messages of every type.
    input_port& any_input(std::string_view port) { return input_of(port, nullptr); }
    /// An output whose messages' type is known only while running: `output<T>` makes a handle of it for each.
    output_port& any_output(std::string_view port) { return output_of(port, nullptr); }

    const streamhost::clock& clock() const noexcept;
    timer_queue& timers() noexcept;

    /// True after the whole delay, false at once when the host drains.
    awaitable<bool> sleep_for(duration delay);
    ticker every(duration period) { return ticker(owner_, period); }

    /// Starts a coroutine of this instance on its lane. It takes everything by value. `run()` need not wait for it: the
    /// host does. What it throws fails the instance.
    void spawn(awaitable<void> task);

    /// Runs `work` on the pool of worker threads and returns what it returns, or throws what it throws. For work of some
    /// milliseconds up to seconds (a codec, a file); never for what may block for ever. `work` may borrow from the
    /// awaiting coroutine, which stays suspended until it has ended.
    template <std::invocable Work>
    awaitable<std::invoke_result_t<Work>> blocking(Work work) {
        using value_type = std::invoke_result_t<Work>;
        std::exception_ptr failure;
        if constexpr (std::is_void_v<value_type>) {
            std::function<void()> job = [&] {
                try {
                    work();
                } catch (...) {
                    failure = std::current_exception();
                }
            };
            co_await run_on_pool(job);
            if (failure) std::rethrow_exception(failure);
        } else {
            std::optional<value_type> value;
            std::function<void()> job = [&] {
                try {
                    value.emplace(work());
                } catch (...) {
                    failure = std::current_exception();
                }
            };
            co_await run_on_pool(job);
            if (failure) std::rethrow_exception(failure);
            co_return std::move(*value);
        }
    }

    /// Runs `work` on the process's main thread, in order; windows must live there. Does not wait for it; what it throws
    /// is logged.
    void on_main(std::function<void()> work);

    streamhost::network& network() noexcept;
    child_runner& children() noexcept;

    /// Opens a serial port, by its path, for this program alone, at one of the `serial_speeds()`: raw bytes, eight bits, no
    /// parity, no flow control. Where the device goes, reading ends with `errc::end_of_stream` or an error of the system. Errors
    /// here: the system's, such as ENOENT without the device, EBUSY where another program holds it, ENOTTY where it is no
    /// serial port.
    awaitable<result<stream>> open_serial(std::string device, unsigned baud);

    streamhost::terminal& terminal() noexcept;
    random_engine& random() noexcept;

    const session_limits& limits() const noexcept;
    const viewer_options& viewers() const noexcept;
    const message_origin& origin() const noexcept;

    /// A count that the host shows under this instance; made on first use. `help` is one line. Each lane that counts
    /// needs one of its own, by its number; their sum is shown.
    counter& metric(std::string_view name, std::string_view help, std::size_t lane = 0);

    /// The instance's own lane, and the lanes beside it that `viewers.lanes` asks for. What runs on those must not use
    /// the context, but for what any thread may.
    lane_place own_place() noexcept;
    const std::vector<lane_place>& viewer_lanes() const noexcept;

    /// The remote viewers that the host shows under this instance. Any thread.
    viewer_register& viewer_records() noexcept;

    /// Shown as the state of the instance while it runs ("no signal", "no display"); empty: nothing special. Logged on
    /// each change.
    void set_condition(std::string condition);

    /// The whole host: <streamhost/host_view.hpp>.
    host_view& view() noexcept;

    bool draining() const noexcept;
    /// For what `next()` and `sleep_for()` do not cover, such as a pending read: `drain_state::watch w(ctx.drain(), ...)`.
    drain_state& drain() noexcept;
    /// Asks the host to drain, as SIGTERM does.
    void stop_host(std::string_view reason);

    /// One object of type `T` for all instances of this host that ask for it, made by the first, kept while one holds
    /// it: for what a library can have only once, such as a window system.
    template <class T, class Make>
    std::shared_ptr<T> shared(Make make) {
        return std::static_pointer_cast<T>(
            shared_object(typeid(T).name(), [&make]() -> std::shared_ptr<void> { return make(); }));
    }

private:
    input_port& input_of(std::string_view port, const message_type* type);
    output_port& output_of(std::string_view port, const message_type* type);
    awaitable<void> run_on_pool(std::function<void()>& job);
    std::shared_ptr<void> shared_object(std::string_view key, const std::function<std::shared_ptr<void>()>& make);

    instance& owner_;
};

}  // namespace streamhost
