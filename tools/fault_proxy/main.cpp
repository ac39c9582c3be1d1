#include "command_line.hpp"
#include "proxy.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_signal_set.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace {

using streamhost::awaitable;
using signal_set = boost::asio::basic_signal_set<streamhost::executor>;

void print(const fault_proxy::counters& now) {
    std::puts(to_json(now).c_str());
    std::fflush(stdout);
}

/// Whole or not at all.
void write_ready_file(const std::string& path, const std::string& address) {
    const boost::json::object content{{"pid", ::getpid()}, {"address", address}};
    const auto draft = path + ".draft";
    std::ofstream file(draft, std::ios::trunc);
    file << boost::json::serialize(content) << '\n' << std::flush;
    if (!file) throw std::runtime_error("cannot write " + draft);
    std::filesystem::rename(draft, path);
}

awaitable<void> obey_signals(signal_set& signals, fault_proxy::proxy& of, streamhost::task_group& tasks) {
    for (;;) {
        const auto [code, number] = co_await signals.async_wait(boost::asio::as_tuple(streamhost::use_awaitable));
        if (!code && number != SIGUSR1) break;
        if (!code) print(of.counts());
    }
    tasks.terminate();
}

awaitable<void> finish(streamhost::task_group& tasks, std::exception_ptr& failure) {
    try {
        co_await tasks.join();
    } catch (...) {
        failure = std::current_exception();
    }
}

void run(const fault_proxy::command_line& line) {
    boost::asio::io_context context;
    streamhost::lane_activity state;
    streamhost::activity own{.name = "fault_proxy", .lane = &state};
    const streamhost::executor on(context.get_executor(), own);
    signal_set signals(on, SIGTERM, SIGINT, SIGUSR1);
    const auto proxy = line.options.udp ? make_udp_proxy(on, line.options) : make_tcp_proxy(on, line.options);
    streamhost::task_group tasks(on);
    tasks.spawn(proxy->run());
    tasks.spawn(obey_signals(signals, *proxy, tasks));
    if (!line.ready_file.empty()) write_ready_file(line.ready_file, proxy->address());
    std::fprintf(stderr, "fault_proxy: %s -> %s\n", proxy->address().c_str(), line.options.to.c_str());
    streamhost::task_group last(on);
    std::exception_ptr failure;
    last.spawn(finish(tasks, failure));
    context.run();
    print(proxy->counts());
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int count, char** words) {
    int status = 0;
    const auto line = fault_proxy::read_command_line(count, words, status);
    if (!line) return status;
    try {
        std::signal(SIGPIPE, SIG_IGN);
        run(*line);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "fault_proxy: %s\n", e.what());
        return 1;
    }
    return 0;
}
