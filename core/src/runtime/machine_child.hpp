#pragma once

#include "async/lane.hpp"

#include <streamhost/child.hpp>

namespace streamhost {

/// Starts programs as `spawn()` says: no shell, no descriptor of ours, default signals, a process group of their own, and
/// an end with the host's, since the lane's thread lives longer than what runs on it.
class machine_child_runner final : public child_runner {
public:
    machine_child_runner(lane& on, const executor& as) : lane_(on), executor_(as) {}

    result<child_process> start(const std::vector<std::string>& command, child_input with) override;

private:
    lane& lane_;
    executor executor_;
};

}  // namespace streamhost
