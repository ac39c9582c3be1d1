#include "command_line.hpp"
#include "control_commands.hpp"
#include "signal_watch.hpp"

#include <streamhost/host.hpp>
#include <streamhost/log.hpp>
#include <streamhost/result.hpp>
#include <streamhost/terminal.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>

namespace {

constexpr int failed = 1;
constexpr int wrong_topology = 2;

/// Where the caller has closed one of the three, the next file that is opened would take its place, and be taken for what
/// somebody types.
void open_standard_descriptors() {
    while (true) {
        const int opened = ::open("/dev/null", O_RDWR);
        if (opened > STDERR_FILENO) ::close(opened);
        if (opened < 0 || opened > STDERR_FILENO) return;
    }
}

/// A peer that is gone and a file that may not grow are results of the write, not signals; and every viewer needs a
/// descriptor.
void prepare_process() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    streamhost::logger log("host");
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        const auto before = files.rlim_cur;
        files.rlim_cur = files.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &files) == 0) {
            log.debug("SIGPIPE ignored; limit of open files raised from {} to {}", before, files.rlim_cur);
            return;
        }
    }
    log.debug("SIGPIPE ignored; limit of open files is {}", files.rlim_cur);
}

int run_topology(const streamhost::host_options& options) {
    // The host is there later than the signals can come: until then one that ends it is kept for it.
    std::mutex mutex;
    streamhost::host* running = nullptr;
    std::string early;
    signal_watch signals({
        .stop =
            [&](const char* name) {
                const std::lock_guard lock(mutex);
                if (running != nullptr) {
                    running->stop(name);
                } else {
                    early = name;
                }
            },
        .reload =
            [&] {
                const std::lock_guard lock(mutex);
                if (running != nullptr) running->reload();
            },
    });
    if (!options.log_level.empty()) streamhost::configure_log(options.log_level);
    prepare_process();
    streamhost::host host(options);
    {
        const std::lock_guard lock(mutex);
        running = &host;
        if (!early.empty()) host.stop(early);
    }
    const int status = host.run();
    {
        const std::lock_guard lock(mutex);
        running = nullptr;
    }
    streamhost::close_log();
    if (host.abandoned()) {
        streamhost::restore_terminal();
        ::_exit(status);
    }
    return status;
}

int act(const command_line& line) {
    switch (line.what) {
        case action::check: {
            const auto report = streamhost::check_topology(line.options);
            std::fputs(report.text.c_str(), report.good ? stdout : stderr);
            if (report.good) std::puts("ok");
            return report.good ? 0 : wrong_topology;
        }
        case action::describe:
            std::fputs(streamhost::describe_modules(line.options, line.type, line.form).c_str(), stdout);
            return 0;
        case action::doctor: {
            const auto report = streamhost::examine_machine(line.options);
            std::fputs(report.text.c_str(), stdout);
            return report.good ? 0 : failed;
        }
        case action::graph:
            std::puts(streamhost::draw_topology(line.options).c_str());
            return 0;
        case action::plan:
        case action::reload: return ask_for_reload(line);
        case action::status: return show_status(line);
        case action::top: return show_top(line);
        case action::schema: {
            const auto report = streamhost::describe_topologies(line.options);
            std::fputs(report.text.c_str(), stdout);
            for (const auto& why : report.not_loaded) std::fprintf(stderr, "not in the schema: %s\n", why.c_str());
            return report.not_loaded.empty() ? 0 : failed;
        }
        case action::new_module:
            std::fputs(write_module_project(line.project, line.options.executable).c_str(), stdout);
            return 0;
        case action::run: return run_topology(line.options);
    }
    return failed;
}

}  // namespace

int main(int count, char** arguments) {
    open_standard_descriptors();
    int status = 0;
    const auto line = read_command_line(count, arguments, status);
    if (!line) return status;
    try {
        return act(*line);
    } catch (const streamhost::topology_error& e) {
        std::fputs(e.what(), stderr);
        return wrong_topology;
    } catch (const streamhost::configuration_error& e) {
        std::fprintf(stderr, "streamhost: %s\n", e.what());
        return wrong_topology;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "streamhost: %s\n", e.what());
        return failed;
    }
}
