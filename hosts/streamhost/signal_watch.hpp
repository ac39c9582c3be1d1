#pragma once

#include <functional>
#include <thread>

/// Turns SIGINT, SIGTERM and SIGHUP (unless it is ignored) into calls. Make it before any other thread starts: the signals are blocked in all of them
/// and taken by one thread, so no code of ours ever runs in a signal handler.
class signal_watch {
public:
    /// `first` is called once, from the watch's thread, with the signal's name. A second signal, other than
    /// SIGHUP, ends the process at once.
    explicit signal_watch(std::function<void(const char* name)> first);
    ~signal_watch();
    signal_watch(const signal_watch&) = delete;
    signal_watch& operator=(const signal_watch&) = delete;

private:
    void run();

    std::function<void(const char*)> first_;
    int signals_ = -1;  ///< signalfd(2)
    int ended_ = -1;    ///< eventfd(2)
    std::thread thread_;
};
