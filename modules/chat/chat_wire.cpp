#include "chat_wire.hpp"

#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <fmt/format.h>

#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace streamhost::chat {
namespace {

/// A pickle of protocol 0 escapes most characters, and may be so much longer than its line.
constexpr std::uint64_t largest_pickle = 4 * max_line;

std::string_view kind_of(const pickle::value& value) {
    static constexpr std::array<std::string_view, std::variant_size_v<pickle::value>> names{
        "None", "a truth value", "a number", "a number", "a text", "bytes", "an array"};
    return names[value.index()];
}

}  // namespace

wire_message to_wire(chat_wire wire, std::string_view line) {
    wire_message message;
    if (wire == chat_wire::lines) {
        message.pieces.push_back(shared_bytes::adopt(lines::encode(line)));
        return message;
    }
    const auto pieces = pickle::write_str(std::string(line));
    const auto length = length_prefix::encode(pieces.size());
    message.pieces.push_back(shared_bytes::adopt(std::vector<std::byte>(length.begin(), length.end())));
    for (const auto* piece : {&pieces.prefix, &pieces.body, &pieces.suffix}) {
        if (!piece->empty()) message.pieces.push_back(*piece);
    }
    return message;
}

std::string address_below(const std::string& address) {
    auto parts = net_address::parse(address);
    if (!parts || parts->port == 1) {
        throw configuration_error(fmt::format("there is no port below the one of \"{}\"", address));
    }
    if (parts->port > 0) --parts->port;
    return parts->to_string();
}

awaitable<result<std::string>> line_reader::next() {
    auto line = wire_ == chat_wire::lines ? next_line() : next_pickle();
    auto taken = co_await std::move(line);
    if (!taken && problem_.empty()) problem_ = taken.error().message();
    co_return std::move(taken);
}

awaitable<result<std::string>> line_reader::next_line() {
    for (;;) {
        while (!unread_.empty()) {
            auto line = splitter_.next(unread_);
            if (!line) break;
            begun_.reset();
            co_return std::move(*line);
        }
        if (splitter_.too_large()) co_return errc::too_large;  // its end need not come
        auto limit = no_timeout;
        if (splitter_.inside_line()) {
            if (!begun_) begun_ = clock_.now();
            limit = *begun_ + message_ - clock_.now();
            if (limit <= duration::zero()) co_return errc::timed_out;
        }
        const auto count = co_await from_.read_some(std::as_writable_bytes(std::span(buffer_)), limit);
        if (!count) {
            const bool cut = splitter_.inside_line() && count.error() == errc::end_of_stream;
            co_return cut ? make_error_code(errc::truncated) : count.error();
        }
        unread_ = std::string_view(buffer_.data(), *count);
    }
}

awaitable<result<std::string>> line_reader::next_pickle() {
    receive_limits limits;
    limits.message_bytes = largest_pickle;
    limits.message = message_;
    const auto payload = co_await read_prefixed(from_, limits);
    if (!payload) co_return payload.error();
    pickle::refusal why;
    auto value = pickle::parse(*payload, &why);
    if (!value) {
        problem_ = fmt::format("a pickle that is no text: {} at byte {}", why.text, why.offset);
        co_return value.error();
    }
    auto* const line = std::get_if<std::string>(&*value);
    if (line == nullptr) {
        problem_ = fmt::format("a pickle of {} where a text was to come", kind_of(*value));
        co_return errc::unsupported;
    }
    if (line->size() > max_line) co_return errc::too_large;
    co_return std::move(*line);
}

}  // namespace streamhost::chat
