#include "runtime/machine_world.hpp"

#include "net/machine_serial.hpp"
#include "runtime/machine_child.hpp"
#include "runtime/watchdog.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <random>
#include <thread>

namespace streamhost {
namespace {

/// How long a lane that was told to stop may still be busy before it is given up.
constexpr auto patience = std::chrono::milliseconds(200);

/// For what may hang, such as the system's resolver: enough that one name which hangs does not hold up the next.
constexpr std::size_t aside_threads = 4;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

machine_world::machine_world() = default;

machine_world::~machine_world() {
    // What hangs there has nobody left to tell: it must not hold up the end of the process.
    if (*aside_jobs_ > 0) (void)aside_.release();
}

std::uint64_t machine_world::random_seed() {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
}

std::array<std::byte, 16> machine_world::boot_id() {
    std::array<std::byte, 16> id{};
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::size_t digits = 0;
    for (char c; digits < 32 && file.get(c);) {
        const int value = hex_digit(c);
        if (value < 0) continue;
        id[digits / 2] = static_cast<std::byte>(std::to_integer<int>(id[digits / 2]) << 4 | value);
        ++digits;
    }
    if (digits == 32) return id;
    // Without /proc every host counts as a boot of its own: ages across hosts are then unknown instead of wrong.
    const auto random = random_seed();
    std::memcpy(id.data(), &random, sizeof random);
    return id;
}

std::unique_ptr<lane> machine_world::make_lane(const std::string& name) {
    return std::make_unique<lane>(name, clock_);
}

void machine_world::start_lane(lane& started) { started.start(); }

bool machine_world::end_lane(lane& ended) {
    ended.stop();
    const auto limit = clock_.now() + patience;
    while (!ended.ended() && clock_.now() < limit) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (ended.ended()) return true;
    ended.abandon();
    return false;
}

std::shared_ptr<void> machine_world::watch_lanes(std::vector<lane*> lanes) {
    return std::make_shared<watchdog>(std::move(lanes));
}

void machine_world::run_on_pool(std::function<void()> job) {
    const std::lock_guard lock(pool_mutex_);
    if (!pool_) pool_ = std::make_unique<asio::thread_pool>(std::max(2u, std::thread::hardware_concurrency()));
    ++pool_jobs_;
    asio::post(*pool_, [this, work = std::move(job)]() mutable {
        work();
        work = nullptr;
        const std::lock_guard finished(pool_mutex_);
        if (--pool_jobs_ == 0) pool_changed_.notify_all();
    });
}

void machine_world::finish_pool() {
    std::unique_lock lock(pool_mutex_);
    pool_changed_.wait(lock, [this] { return pool_jobs_ == 0; });
}

void machine_world::run_aside(std::function<void()> job) {
    const std::lock_guard lock(pool_mutex_);
    if (!aside_) aside_ = std::make_unique<asio::thread_pool>(aside_threads);
    ++*aside_jobs_;
    asio::post(*aside_, [jobs = aside_jobs_, work = std::move(job)]() mutable {
        work();
        work = nullptr;
        --*jobs;
    });
}

std::unique_ptr<child_runner> machine_world::make_child_runner(lane& on, const executor& as) {
    return std::make_unique<machine_child_runner>(on, as);
}

awaitable<result<std::unique_ptr<stream::implementation>>> machine_world::open_serial(std::string device, unsigned baud,
                                                                                      lane& on, executor as) {
    result<descriptor> port = make_error_code(errc::unsupported);
    std::function<void()> job = [&] { port = open_serial_port(device, baud); };
    co_await await_on_pool(job);
    if (!port) co_return port.error();
    try {
        std::unique_ptr<stream::implementation> opened =
            std::make_unique<serial_stream>(std::move(*port), on.timers(), as);
        co_return opened;
    } catch (const boost::system::system_error& e) {
        co_return e.code();
    }
}

}  // namespace streamhost
