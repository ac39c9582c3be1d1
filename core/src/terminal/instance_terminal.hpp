#pragma once

#include "terminal/terminal_backend.hpp"

#include <streamhost/drain.hpp>
#include <streamhost/export.hpp>
#include <streamhost/timers.hpp>

#include <string>

namespace streamhost {

/// The world's terminal as one instance sees it: waits for it on the instance's lane, and ends with its drain. The parts
/// outlive it.
class STREAMHOST_API instance_terminal final : public terminal {
public:
    instance_terminal(std::string instance, terminal_backend& backend, executor as, drain_state& drain,
                      timer_queue& timers)
        : instance_(std::move(instance)), backend_(backend), executor_(std::move(as)), drain_(drain), timers_(timers) {}

    terminal_claim claim(terminal_options options) override;

private:
    std::string instance_;
    terminal_backend& backend_;
    executor executor_;
    drain_state& drain_;
    timer_queue& timers_;
};

}  // namespace streamhost
