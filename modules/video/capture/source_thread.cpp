#include "source_thread.hpp"

#include <pthread.h>

#include <exception>
#include <utility>

namespace streamhost::video {
namespace {

using writer = mailbox<source_event>::writer;

/// Reads from one opening to the end, the failure, or until nobody wants more. True where it may be opened again.
bool read_once(frame_source& source, bool loop, writer& out) {
    if (auto failure = source.open()) {
        out.put(std::move(*failure));
        return false;
    }
    const bool live = source.info().live;
    for (bool any = false;; any = true) {
        if (out.closed()) return false;
        auto event = source.read();
        const bool picture = std::holds_alternative<source_picture>(event);
        // A source that is empty at once would be opened again and again without a pause.
        if (std::holds_alternative<source_end>(event) && loop && any) return true;
        const bool wanted = live && picture ? out.offer(std::move(event)) : out.put(std::move(event));
        if (!picture || !wanted) return false;
    }
}

void read_all(frame_source& source, bool loop, writer& out) {
    try {
        while (read_once(source, loop, out)) {
        }
    } catch (const std::exception& e) {
        out.put(source_failure{e.what(), {}});
    } catch (...) {
        out.put(source_failure{"an unknown exception", {}});
    }
}

}  // namespace

source_thread::source_thread(std::unique_ptr<frame_source> source, bool loop, const executor& lane,
                             std::function<void()> changed)
    : box_(lane, std::move(changed)) {
    thread_ = std::thread([source = std::move(source), loop, out = box_.make_writer()]() mutable {
        read_all(*source, loop, out);
        source.reset();  // ahead of the writer, whose end says that the device is free
    });
    ::pthread_setname_np(thread_.native_handle(), "sh:source");
}

source_thread::~source_thread() {
    box_.close();
    if (box_.ended()) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

}  // namespace streamhost::video
