#pragma once

#include "sound_device.hpp"

#include <streamhost/mailbox.hpp>

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace streamhost::audio {

/// What the lane wants of the thread. Any thread.
class device_wish {
public:
    void stop(bool play_out) {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
            play_out_ = play_out_ || play_out;
        }
        changed_.notify_all();
    }

    /// True after the whole span, false as soon as the device is to end.
    bool wait_for(std::chrono::milliseconds span) {
        std::unique_lock lock(mutex_);
        return !changed_.wait_for(lock, span, [this] { return stopping_; });
    }

    bool play_out() const {
        const std::lock_guard lock(mutex_);
        return play_out_;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool play_out_ = false;
};

/// Uses a device on a thread of its own, which owns everything that it touches: where a driver hangs in a call for ever,
/// the thread is left alone and holds nobody.
template <class Event>
class device_thread final : public device_run<Event> {
public:
    using report = std::function<bool(Event)>;  ///< false once nobody wants to know any more
    /// Returns when the device has ended; what it throws is a failure too. Owns all that it refers to.
    using work = std::function<void(device_wish&, const report&)>;

    device_thread(work job, const executor& lane, std::function<void()> changed)
        : wish_(std::make_shared<device_wish>()), box_(lane, std::move(changed)) {
        thread_ = std::thread([job = std::move(job), wish = wish_, out = box_.make_writer()]() mutable {
            const report say = [&out](Event event) { return out.put(std::move(event)); };
            try {
                job(*wish, say);
            } catch (const std::exception& e) {
                say(device_failure{e.what()});
            } catch (...) {
                say(device_failure{"an unknown exception"});
            }
            job = nullptr;  // ahead of the writer, whose end says that the device is free
        });
        ::pthread_setname_np(thread_.native_handle(), "sh:sound");
    }

    ~device_thread() override {
        box_.close();
        wish_->stop(false);
        if (box_.ended()) {
            thread_.join();
        } else {
            thread_.detach();
        }
    }

    std::optional<Event> take() override { return box_.take(); }

    void stop(bool play_out) override {
        wish_->stop(play_out);
        if (!play_out) box_.close();
    }

    bool ended() const override { return box_.ended(); }

private:
    std::shared_ptr<device_wish> wish_;
    mailbox<Event> box_;
    std::thread thread_;
};

}  // namespace streamhost::audio
