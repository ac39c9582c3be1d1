#pragma once

#include <functional>
#include <thread>

/// Turns SIGINT, SIGTERM and SIGHUP into calls. Make it before any other thread starts: the signals are blocked in all of
/// them and taken by one thread, so no code of ours ever runs in a signal handler.
class signal_watch {
public:
    /// Both are called from the watch's thread.
    struct calls {
        /// Once, with the signal's name. A second signal, other than SIGHUP, ends the process at once.
        std::function<void(const char* name)> stop;
        /// SIGHUP, except where it says that the terminal is gone: then it stops, unless it is ignored (nohup(1)).
        std::function<void()> reload;
    };

    explicit signal_watch(calls then);
    ~signal_watch();
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

private:
    void run();

    calls then_;
    const bool had_terminal_;
    int signals_ = -1;  ///< signalfd(2)
    int ended_ = -1;    ///< eventfd(2)
    std::thread thread_;
};
