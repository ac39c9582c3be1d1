#include "async/lane.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

#include <csignal>

namespace streamhost {

lane::lane(std::string name, const clock& time)
    : own_{std::move(name), &state_}, timers_(time), context_(1), stay_(context_.get_executor()) {}

lane::~lane() {
    if (thread_.joinable()) {
        stop();
        thread_.join();
    }
}

void lane::start() {
    kernel_timer_.emplace(own_executor());
    timers_.on_earlier = [this] { arm(); };
    thread_ = std::thread([this] {
        // sendfile(2) cannot be told to raise none, and a host inside of another program may not ignore it for all.
        sigset_t no_pipe;
        ::sigemptyset(&no_pipe);
        ::sigaddset(&no_pipe, SIGPIPE);
        ::pthread_sigmask(SIG_BLOCK, &no_pipe, nullptr);
        context_.run();
        ended_.store(true, std::memory_order_release);
    });
    // The kernel keeps 15 characters; `top -H` then shows which lane is busy.
    ::pthread_setname_np(thread_.native_handle(), ("sh:" + name()).substr(0, 15).c_str());
}

void lane::stop() {
    asio::post(context_, [this] { context_.stop(); });
}

void lane::abandon() {
    if (thread_.joinable()) thread_.detach();
}

std::size_t lane::poll() {
    context_.restart();
    return context_.poll();
}

void lane::arm() {
    const auto next = timers_.earliest();
    // One that comes too early looks again: cheaper than to move it with every timer that is put off.
    if (!next || (armed_for_ && *armed_for_ <= *next)) return;
    armed_for_ = next;
    kernel_timer_->expires_at(*next);
    kernel_timer_->async_wait([this](const error_code& code) {
        if (code) return;  // replaced by an earlier time
        armed_for_.reset();
        timers_.run_due();
        arm();
    });
}

}  // namespace streamhost
