#pragma once

#include "support/child_program.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::test {

/// The real `streamhost`, with the real modules and those of `tests/integration/modules`, running a topology.
class running_host : public child_program {
public:
    /// Writes `topology` to `NAME.json` and starts the host with it and with `arguments`.
    running_host(const scratch_folder& folder, std::string name, std::string_view topology,
                 const std::vector<std::string>& arguments = {});
    /// With a standard input, or at a terminal; `ends.command` holds further arguments, `ends.under` what runs it.
    running_host(const scratch_folder& folder, std::string name, std::string_view topology, const options& ends);

    /// Until every instance is prepared; false when the host has ended before.
    bool wait_ready(std::chrono::milliseconds limit = usual_limit) const;

    /// The port at which an instance listens; 0 where it does not. Once it is ready. `which` counts its listeners.
    std::uint16_t port(std::string_view instance, std::size_t which = 0) const;
    /// "127.0.0.1:PORT"
    std::string address(std::string_view instance) const;

    /// The process id that the host says, also where another command runs it.
    pid_t host_pid() const;

    /// For `ask_host`: its socket, by the name that it has now.
    std::filesystem::path control() const;

    std::filesystem::path ready_file() const { return folder() / (name() + ".ready"); }
};

/// `streamhost ARGUMENTS`, for the commands that end by themselves.
finished_program run_streamhost(const scratch_folder& folder, std::vector<std::string> arguments);

}  // namespace streamhost::test
