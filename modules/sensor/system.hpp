#pragma once

#include <streamhost/module.hpp>

#include <chrono>
#include <filesystem>

namespace streamhost::sensor {

struct system_settings {
    std::chrono::milliseconds period{1000};
};

/// `sensor.system`: how the machine is that the host runs on.
class system final : public module {
public:
    static module_info describe();

    /// `root`: where proc and sys are.
    system(module_context& host, system_settings chosen, std::filesystem::path root = "/");

    awaitable<void> run() override;

private:
    module_context& host_;
    system_settings chosen_;
    std::filesystem::path root_;
    output<record> records_;
};

}  // namespace streamhost::sensor
