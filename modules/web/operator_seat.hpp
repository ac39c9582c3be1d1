#pragma once

#include <streamhost/clock.hpp>

#include <optional>
#include <string>

namespace streamhost::web {

/// Who drives: one page at a time, and what makes the robot stop when that one is silent, gone, or another. The
/// robot's side of the dead man's handle: it needs nothing from the page but that its commands come. A plain object
/// without a clock of its own.
class operator_seat {
public:
    explicit operator_seat(duration deadman) : deadman_(deadman) {}

    struct person {
        std::string session;  ///< empty: nobody
        std::string name;
    };
    const person& now() const noexcept { return now_; }
    bool is(const std::string& session) const noexcept { return !session.empty() && now_.session == session; }

    /// What a change does: whether somebody else drives now, and why what moves has to stop, where something may move.
    struct change {
        bool happened = false;
        std::optional<std::string> stop;
    };

    /// Takes the seat where it is free, or by force.
    change take(const person& who, bool force);
    /// Gives it back; also where the session has ended.
    change leave(const std::string& session, const std::string& why);
    /// The operator has another name.
    change rename(const person& who);

    /// A command of the operator has come and is handed on.
    void note_command(steady_time at) { last_command_ = at; }
    /// When the silence has lasted too long, unless another command comes; nothing while nothing moves.
    std::optional<steady_time> stop_due() const;
    /// Why everything has to stop, if it has to by now.
    std::optional<std::string> silence(steady_time at);

private:
    std::optional<std::string> halt(std::string why);

    duration deadman_;
    person now_;
    std::optional<steady_time> last_command_;  ///< since the last stop
};

}  // namespace streamhost::web
