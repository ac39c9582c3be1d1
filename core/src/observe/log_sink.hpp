#pragma once

#include "observe/log_diversion.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <memory>
#include <mutex>

namespace streamhost {

/// Where the log's lines go: standard error, unless they are diverted.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    log_sink() : direct_(std::make_shared<spdlog::sinks::stderr_color_sink_st>()) {}

    /// Any thread; an empty callback ends the diversion.
    void divert(log_diversion::callback takes);

protected:
    void sink_it_(const spdlog::details::log_msg& message) override;
    void flush_() override { direct_->flush(); }
    void set_pattern_(const std::string& pattern) override;
    void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override;

private:
    std::string text_of(const spdlog::details::log_msg& message);

    std::shared_ptr<spdlog::sinks::stderr_color_sink_st> direct_;
    log_diversion::callback takes_;
};

}  // namespace streamhost
