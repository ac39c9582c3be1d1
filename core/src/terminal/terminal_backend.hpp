#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/result.hpp>
#include <streamhost/terminal.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace streamhost {

/// A terminal that is held: what one world has behind a `terminal_claim`. Confined to the lane of its holder.
class held_terminal {
public:
    virtual ~held_terminal() = default;

    /// The next line that waits, or what was wrong with it.
    virtual std::optional<result<std::string>> take_line() = 0;
    /// No line waits, and none will come.
    virtual bool input_ended() const = 0;
    /// False where there is no room for it now.
    virtual bool show(const std::string& line) = 0;
    /// All that was shown is written.
    virtual bool flushed() const = 0;
};

/// The terminal of a world.
class terminal_backend {
public:
    virtual ~terminal_backend() = default;

    /// `holder` is the instance's name. `changed` is called on the lane whenever one of the answers of the held terminal
    /// may have changed. Throws `configuration_error` where it is held already.
    virtual std::unique_ptr<held_terminal> hold(std::string holder, terminal_options options, executor lane,
                                                std::function<void()> changed) = 0;
};

}  // namespace streamhost
