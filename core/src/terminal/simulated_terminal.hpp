#pragma once

#include "terminal/terminal_backend.hpp"

#include <streamhost/export.hpp>

#include <deque>
#include <string>
#include <vector>

namespace streamhost {

/// The terminal of a simulated host: a test types, and sees what is shown. Outlives who holds it.
class STREAMHOST_API simulated_terminal final : public terminal_backend {
public:
    simulated_terminal();
    ~simulated_terminal() override;

    void type(std::string line);
    /// As a key on an empty line, or the end of a file, would.
    void end_input();

    const std::vector<std::string>& shown() const noexcept { return shown_; }
    /// How many more lines it takes; endless at first. A stopped terminal takes none.
    void set_room(std::size_t lines);
    const std::string& holder() const noexcept { return holder_; }

    std::unique_ptr<held_terminal> hold(std::string holder, terminal_options options, executor lane,
                                        std::function<void()> changed) override;

private:
    class held;

    void tell();

    std::deque<std::string> typed_;
    bool ended_ = false;
    std::vector<std::string> shown_;
    std::size_t room_ = static_cast<std::size_t>(-1);
    std::string holder_;
    std::function<void()> changed_;
};

}  // namespace streamhost
