#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/result.hpp>

#include <memory>
#include <string>

namespace streamhost {

struct terminal_options {
    std::string prompt = "> ";  ///< stands before the line that is being typed; UTF-8 without control characters
};

/// The terminal in the hands of the instance that has claimed it: lines in, lines out. Where standard input is a terminal,
/// lines are edited as they are typed, and whatever is shown meanwhile, the log included, stands above them. Where it is a
/// file or a pipe, lines are read as they come. Move-only; confined to the instance's lane. Destroying it gives the
/// terminal back in the mode in which it was; no operation may be pending then.
class STREAMHOST_API terminal_claim {
public:
    class implementation;

    terminal_claim() noexcept;
    explicit terminal_claim(std::unique_ptr<implementation> inner) noexcept;
    terminal_claim(terminal_claim&&) noexcept;
    terminal_claim& operator=(terminal_claim&&) noexcept;
    ~terminal_claim();

    /// The next line that was typed, valid UTF-8 without its end; one coroutine at a time. Errors: `end_of_stream` at the
    /// end of the input, which is not the end of the claim; `draining` once the host shuts down; `too_large` for a line
    /// above 64 KiB and `malformed` for one that is not UTF-8, both skipped.
    awaitable<result<std::string>> read_line();

    /// Shows a line on standard output. Returns when it has a place among the lines that wait to be written, at once
    /// unless the terminal is stopped; at the drain a line without a place is dropped. The caller has made control
    /// characters of others harmless (`utf8::escape_controls`).
    awaitable<void> show(std::string line);

    /// Until all that was shown is written, at most `limit`.
    awaitable<void> flush(duration limit);

private:
    std::unique_ptr<implementation> inner_;
};

/// Standard input and output as one instance sees them: one resource of the host. Lent by the context.
class STREAMHOST_API terminal {
public:
    virtual ~terminal() = default;

    /// Throws `configuration_error`, which names the holder, where another instance holds it. A module type that calls
    /// this says `.claims("terminal")`, so that a topology with two of them is refused before it starts.
    virtual terminal_claim claim(terminal_options options) = 0;
};

/// Gives the terminal back in the mode in which it was, whoever holds it: to be called before `_exit`. Any thread, and in
/// a signal handler.
STREAMHOST_API void restore_terminal() noexcept;

}  // namespace streamhost
