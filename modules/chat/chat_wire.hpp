#pragma once

#include <streamhost/clock.hpp>
#include <streamhost/fan_out.hpp>
#include <streamhost/net.hpp>
#include <streamhost/wire/lines.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

/// How the family puts lines on a wire, and reads them from one.
namespace streamhost::chat {

enum class chat_wire {
    lines,   ///< one connection, both ways
    pickle,  ///< a connection for each way, as the tutorials have it
};

inline constexpr std::size_t max_line = lines::max_line;  ///< bytes

/// The line as one message of the wire. `line` has `max_line` bytes at most and is UTF-8.
wire_message to_wire(chat_wire wire, std::string_view line);

/// Where the other way of the wire `pickle` is when nobody says: at the port below, and at any port where `address` has
/// any port. Throws `configuration_error` where there is no port below.
std::string address_below(const std::string& address);

/// Reads the lines that a peer sends. One coroutine; `from` and `time` outlive it.
class line_reader {
public:
    /// `message` is how long a line may take from its first byte to its last.
    line_reader(stream& from, chat_wire wire, const clock& time, duration message)
        : from_(from), wire_(wire), clock_(time), message_(message) {}

    /// The next line, valid UTF-8 of `max_line` bytes at most. Any error is the end of the session: those of the stream,
    /// `truncated` where it ends inside a line, `timed_out` for a line that takes too long, `too_large`, `malformed`, and
    /// `unsupported` for a pickle that is no text.
    awaitable<result<std::string>> next();

    /// What was wrong with the last one, for the log, without a line end.
    const std::string& problem() const noexcept { return problem_; }

private:
    awaitable<result<std::string>> next_line();
    awaitable<result<std::string>> next_pickle();

    stream& from_;
    const chat_wire wire_;
    const clock& clock_;
    const duration message_;
    lines::splitter splitter_;
    std::array<char, 4096> buffer_;
    std::string_view unread_;
    std::optional<steady_time> begun_;  // the line that is not complete
    std::string problem_;
};

}  // namespace streamhost::chat
