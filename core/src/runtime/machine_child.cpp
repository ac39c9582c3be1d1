#include "runtime/machine_child.hpp"

#include "net/descriptor_stream.hpp"
#include "runtime/spawn.hpp"

#include <streamhost/assert.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>

namespace streamhost {
namespace {

using process_descriptor = asio::posix::basic_stream_descriptor<executor>;

constexpr std::size_t longest_error_line = 1024;

/// A progress line overwrites itself.
std::string last_state_of(std::string_view line) {
    while (line.ends_with('\r')) line.remove_suffix(1);
    const auto overwritten = line.rfind('\r');
    return std::string(overwritten == line.npos ? line : line.substr(overwritten + 1));
}

struct pipe_pair {
    descriptor read{-1};
    descriptor write{-1};

    bool open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return false;
        read = descriptor(ends[0]);
        write = descriptor(ends[1]);
        return true;
    }
};

int exit_status(const siginfo_t& end) {
    return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}

}  // namespace

class child_process::implementation {
public:
    /// Our ends of its pipes; `input` may be none.
    struct pipes {
        descriptor input;
        descriptor output;
        descriptor errors;
    };

    implementation(int process, int process_handle, pipes ends, lane& on, const executor& as)
        : pid(process),
          timers_(on.timers()),
          ended_(as, process_handle),
          output_(std::make_unique<descriptor_stream>(std::move(ends.output), on.timers(), as)),
          errors_(std::make_unique<descriptor_stream>(std::move(ends.errors), on.timers(), as)) {
        if (ends.input.valid()) {
            input_ = stream(std::make_unique<descriptor_stream>(std::move(ends.input), on.timers(), as));
        }
    }

    ~implementation() {
        if (status_) return;
        signal_group(SIGKILL);
        siginfo_t end{};
        ::waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED);
    }

    stream& input() noexcept {
        STREAMHOST_ASSERT(input_);
        return input_;
    }
    stream& output() noexcept { return output_; }

    awaitable<result<std::string>> error_line() {
        for (;;) {
            const auto end = unread_.find('\n');
            if (end != unread_.npos || unread_.size() > longest_error_line) {
                const auto length = std::min(end, longest_error_line);
                auto line = last_state_of(std::string_view(unread_).substr(0, length));
                unread_.erase(0, length + (end == length ? 1 : 0));
                co_return line;
            }
            std::array<std::byte, 512> buffer;
            const auto count = co_await errors_.read_some(buffer);
            if (!count && !unread_.empty()) co_return last_state_of(std::exchange(unread_, {}));
            if (!count) co_return count.error();
            unread_.append(reinterpret_cast<const char*>(buffer.data()), *count);
        }
    }

    awaitable<int> wait() {
        if (!status_) {
            // The descriptor becomes readable when the process has ended (pidfd_open(2)).
            const auto [code] = co_await ended_.async_wait(process_descriptor::wait_read, asio::as_tuple(use_awaitable));
            (void)code;
            if (!status_) reap();  // another coroutine may have waited for the same end
        }
        co_return status_.value_or(-1);
    }

    awaitable<int> stop(duration grace) {
        if (!status_) {
            signal_group(SIGTERM);
            timer insist(timers_);
            insist.start_after(grace, [this] { signal_group(SIGKILL); });
            const int status = co_await wait();
            co_return status;
        }
        co_return *status_;
    }

    const int pid;

private:
    void signal_group(int number) const {
        if (!status_) ::kill(-pid, number);  // afterwards the number may be another's
    }

    void reap() {
        siginfo_t end{};
        const auto id = static_cast<id_t>(pid);
        if (::waitid(P_PID, id, &end, WEXITED | WNOHANG | WNOWAIT) != 0 || end.si_pid != pid) return;
        // Until it is reaped its number is its own: now is the time to end what it left behind in its group.
        signal_group(SIGKILL);
        ::waitid(P_PID, id, &end, WEXITED | WNOHANG);
        status_ = exit_status(end);
    }

    timer_queue& timers_;
    process_descriptor ended_;
    stream input_;
    stream output_;
    stream errors_;
    std::string unread_;
    std::optional<int> status_;
};

child_process::child_process() noexcept = default;
child_process::child_process(std::unique_ptr<implementation> inner) noexcept : inner_(std::move(inner)) {}
child_process::child_process(child_process&&) noexcept = default;
child_process& child_process::operator=(child_process&&) noexcept = default;
child_process::~child_process() = default;
int child_process::pid() const noexcept { return inner_->pid; }
stream& child_process::input() noexcept { return inner_->input(); }
stream& child_process::output() noexcept { return inner_->output(); }
awaitable<result<std::string>> child_process::error_line() { return inner_->error_line(); }
awaitable<int> child_process::stop(duration grace) { return inner_->stop(grace); }
awaitable<int> child_process::wait() { return inner_->wait(); }

result<child_process> machine_child_runner::start(const std::vector<std::string>& command, child_input with) {
    pipe_pair input, output, errors;
    const bool open = output.open() && errors.open() && (with == child_input::empty || input.open());
    if (!open) return last_error();

    const auto spawned = spawn(command, {.input = input.read.get(),
                                         .output = output.write.get(),
                                         .errors = errors.write.get()});
    if (!spawned) return spawned.error();
    const pid_t process = *spawned;
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, process, O_NONBLOCK));
    if (handle < 0) {
        const auto code = last_error();
        ::kill(-process, SIGKILL);
        ::waitpid(process, nullptr, 0);
        return code;
    }
    child_process::implementation::pipes ends{std::move(input.write), std::move(output.read), std::move(errors.read)};
    return child_process(
        std::make_unique<child_process::implementation>(process, handle, std::move(ends), lane_, executor_));
}

}  // namespace streamhost
