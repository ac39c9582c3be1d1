#pragma once

#include <streamhost/module.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace streamhost::stream_family {

struct sample_settings {
    std::string send = "record";
    std::chrono::milliseconds period{1000};
    std::int64_t count = 0;
};

/// `stream.sample`: numbered messages of a chosen type, for trying out what takes messages.
class sample final : public module {
public:
    static module_info describe();
    static module_ports ports_for(const sample_settings& chosen);

    sample(module_context& host, sample_settings chosen);

    awaitable<void> run() override;

private:
    awaitable<void> send(std::int64_t number);

    module_context& host_;
    sample_settings chosen_;
    output_port& messages_;
};

}  // namespace streamhost::stream_family
