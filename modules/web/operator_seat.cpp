#include "operator_seat.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace streamhost::web {

/// One stop for each time that something moved.
std::optional<std::string> operator_seat::halt(std::string why) {
    if (!std::exchange(last_command_, std::nullopt)) return std::nullopt;
    return why;
}

operator_seat::change operator_seat::take(const person& who, bool force) {
    if (is(who.session)) return {};
    if (!now_.session.empty() && !force) return {};
    now_ = who;
    return {true, halt("the operator has changed")};
}

operator_seat::change operator_seat::leave(const std::string& session, const std::string& why) {
    if (!is(session)) return {};
    now_ = {};
    return {true, halt(why)};
}

operator_seat::change operator_seat::rename(const person& who) {
    if (!is(who.session) || now_.name == who.name) return {};
    now_.name = who.name;
    return {true, std::nullopt};
}

std::optional<steady_time> operator_seat::stop_due() const {
    if (!last_command_) return std::nullopt;
    return *last_command_ + deadman_;
}

std::optional<std::string> operator_seat::silence(steady_time at) {
    const auto due = stop_due();
    if (!due || at < *due) return std::nullopt;
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(deadman_);
    return halt(fmt::format("no command came for {} ms", limit.count()));
}

}  // namespace streamhost::web
