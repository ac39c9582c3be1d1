#include "runtime/watchdog.hpp"

#include <execinfo.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace streamhost {
namespace {

constexpr auto look_every = std::chrono::milliseconds(250);
constexpr auto look_closer_every = std::chrono::milliseconds(10);
constexpr auto warn_after = duration(lane_activity::longest_turn_ns);
constexpr auto dump_after = std::chrono::seconds(1);

int dump_signal() { return SIGRTMIN + 3; }

/// Runs on the stuck thread itself, the only one that can walk its stack. Only what a signal handler may call.
void write_stack(int) {
    std::array<void*, 48> frames;
    const int count = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    ::backtrace_symbols_fd(frames.data(), count, STDERR_FILENO);
}

std::int64_t ms(duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

}  // namespace

watchdog::watchdog(std::vector<lane*> lanes) : stop_(::eventfd(0, EFD_CLOEXEC)) {
    for (auto* each : lanes) lanes_.push_back({each});
    // The first backtrace() loads a library, which a signal handler must not: do that now.
    std::array<void*, 1> first;
    ::backtrace(first.data(), 1);
    struct sigaction action {};
    action.sa_handler = write_stack;
    action.sa_flags = SA_RESTART;
    ::sigaction(dump_signal(), &action, nullptr);
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "sh:watchdog");
}

watchdog::~watchdog() {
    (void)::eventfd_write(stop_, 1);
    thread_.join();
    ::close(stop_);
}

void watchdog::run() {
    pollfd stop{stop_, POLLIN, 0};
    auto pause = look_every;
    while (::poll(&stop, 1, static_cast<int>(pause.count())) <= 0) {
        const auto now = std::chrono::steady_clock::now();
        bool busy = false;
        for (auto& each : lanes_) busy |= look_at(each, now);
        pause = busy ? look_closer_every : look_every;
    }
}

/// What took too long between two looks is told by the lane itself.
void watchdog::report_overrun(watched& each) {
    auto& state = each.which->activity_state();
    const auto* const owner = state.overran.load(std::memory_order_acquire);
    if (owner == nullptr) return;
    const duration lasted(state.overran_ns.load(std::memory_order_relaxed));
    state.overran.store(nullptr, std::memory_order_release);
    if (each.warned == 0) {
        log_.warn("{}: kept lane `{}` for {} ms; move what takes long to context.blocking()", owner->name,
                  each.which->name(), ms(lasted));
    } else {
        log_.warn("{}: gave lane `{}` back after {} ms", owner->name, each.which->name(), ms(lasted));
    }
}

bool watchdog::look_at(watched& each, steady_time now) {
    const auto& state = each.which->activity_state();
    const auto turn = state.turns.load(std::memory_order_relaxed);
    const auto* owner = state.running.load(std::memory_order_relaxed);
    const auto& lane_name = each.which->name();
    if (owner == nullptr || turn != each.turn) {
        report_overrun(each);
        each = {each.which, turn, now, 0};
        return owner != nullptr;
    }
    const auto blocked = now - each.since;
    if (each.warned == 0 && blocked >= warn_after) {
        each.warned = 1;
        log_.warn("{}: blocks lane `{}` for {} ms; move what takes long to context.blocking()", owner->name, lane_name,
                  ms(blocked));
    } else if (each.warned == 1 && blocked >= dump_after) {
        each.warned = 2;
        log_.error("{}: still blocks lane `{}` after {} ms; the lane's stack follows. What else runs there waits: give "
                   "the instance a lane of its own, or mend it",
                   owner->name, lane_name, ms(blocked));
        ::pthread_kill(each.which->thread().native_handle(), dump_signal());
    }
    return true;
}

}  // namespace streamhost
