#pragma once

#include "terminal/terminal_backend.hpp"

#include <streamhost/wire/lines.hpp>

#include <deque>
#include <mutex>
#include <string>

namespace streamhost {

/// The standard input, output and error of this process, or others that stand for them. Outlives who holds it.
class STREAMHOST_API machine_terminal final : public terminal_backend {
public:
    struct descriptors {
        int input = 0;
        int output = 1;
        int errors = 2;
    };

    machine_terminal();
    explicit machine_terminal(descriptors chosen);
    ~machine_terminal() override;

    /// Any thread.
    std::unique_ptr<held_terminal> hold(std::string holder, terminal_options options, executor lane,
                                        std::function<void()> changed) override;

private:
    class session;

    /// What was read and not yet taken: it outlives the one who holds the terminal, for the next one.
    struct typed_input {
        std::mutex mutex;
        std::deque<result<std::string>> lines;
        bool ended = false;
        lines::splitter splitter;  // of the thread that reads
    };

    descriptors descriptors_;
    typed_input typed_;
    std::mutex mutex_;
    std::string holder_;
};

}  // namespace streamhost
