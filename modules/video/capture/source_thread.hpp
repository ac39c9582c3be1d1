#pragma once

#include "frame_source.hpp"
#include "picture_feed.hpp"

#include <streamhost/mailbox.hpp>

#include <thread>

namespace streamhost::video {

/// Runs a source on a thread of its own, which owns everything that it touches: where the source hangs in a call for
/// ever, the thread is left alone and holds nobody. Live sources are read without a pause, and the newest picture counts;
/// others are read one picture ahead.
class source_thread final : public picture_feed {
public:
    /// `loop`: at its end a source is opened again.
    source_thread(std::unique_ptr<frame_source> source, bool loop, const executor& lane, std::function<void()> changed);
    ~source_thread() override;

    std::optional<source_event> take() override { return box_.take(); }
    void stop() override { box_.close(); }
    bool ended() const override { return box_.ended(); }
    std::uint64_t take_replaced() override { return box_.take_replaced(); }

private:
    mailbox<source_event> box_;
    std::thread thread_;
};

}  // namespace streamhost::video
