#include "output_parser.hpp"

#include <streamhost/wire/framed.hpp>

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace streamhost::process {
namespace {

namespace json = boost::json;

/// As much of a line as a complaint about it shows.
std::string_view beginning_of(std::string_view line) {
    constexpr std::size_t enough = 60;
    return line.substr(0, enough);
}

boost::system::result<json::value, error_code> parse(std::string_view line) {
    json::parse_options options;
    options.max_depth = framed::max_record_depth;
    error_code failure;
    auto value = json::parse(line, failure, {}, options);
    if (failure) return failure;
    return value;
}

}  // namespace

output_parser::output_parser(port_table ports, message_form form, output_limits limits)
    : ports_(std::move(ports)), form_(form), limits_(limits), splitter_(limits.line_bytes) {}

std::optional<output_parser::outcome> output_parser::next(std::span<const std::byte>& bytes) {
    while (!bytes.empty() && !failed_) {
        std::optional<outcome> done;
        if (header_) {
            done = take_payload(bytes);
        } else {
            std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            const auto line = splitter_.next(rest);
            bytes = bytes.last(rest.size());
            const bool hopeless = !line && form_ == message_form::frames && splitter_.too_large();
            if (line) {
                done = take_line(*line);
            } else if (hopeless) {
                done = fail(fmt::format("a header is longer than {} bytes", limits_.line_bytes));
            }
        }
        if (done) return done;
    }
    return std::nullopt;
}

std::optional<complaint> output_parser::finish() {
    if (failed_) return std::nullopt;
    if (header_) return complaint{fmt::format("the last message ends after {} of {} bytes", payload_done_, payload_size_)};
    if (!splitter_.inside_line()) return std::nullopt;
    return complaint{"the last line has no end"};
}

output_parser::outcome output_parser::fail(std::string text) {
    failed_ = true;
    return complaint{std::move(text), true};
}

std::optional<output_parser::outcome> output_parser::take_line(const result<std::string>& line) {
    const bool frames = form_ == message_form::frames;
    if (!line) {
        const bool too_large = line.error() == errc::too_large;
        auto what = too_large ? fmt::format("a line is longer than {} bytes", limits_.line_bytes) : "a line is not UTF-8";
        return frames ? fail(std::move(what)) : outcome(complaint{std::move(what)});
    }
    if (line->empty()) return std::nullopt;
    auto value = parse(*line);
    if (!value) {
        auto what = fmt::format("a line is no JSON ({}): {}", value.error().message(), beginning_of(*line));
        return frames ? fail(std::move(what)) : outcome(complaint{std::move(what)});
    }
    if (frames) return take_header(std::move(*value));
    return take_value(std::move(*value));
}

output_parser::outcome output_parser::take_value(json::value value) {
    if (!is_addressed(value)) {
        if (ports_.size() > 1) {
            return complaint{"a line does not say its port: with several outputs it is {\"port\": ..., \"value\": ...}"};
        }
        auto content = content_of_value(*ports_.front().type, std::move(value));
        if (!content) return content.error();
        return program_message{0, std::move(*content)};
    }
    const auto& line = value.get_object();
    const auto port = port_of(line);
    if (!port) return port.error();
    auto content = content_of_line(*ports_[*port].type, line, {});
    if (!content) return content.error();
    return program_message{*port, std::move(*content)};
}

/// Whether it says for which port it is. With one output a value may look like that by chance: then it has to be exact.
bool output_parser::is_addressed(const json::value& value) const {
    const auto* const line = value.if_object();
    if (line == nullptr || !line->contains("port")) return false;
    if (ports_.size() > 1) return true;
    return line->size() == 2 && line->contains("value") && line->at("port") == json::string_view(ports_.front().name);
}

boost::system::result<std::size_t, complaint> output_parser::port_of(const json::object& line) const {
    const auto* const named = line.if_contains("port");
    if (named == nullptr && ports_.size() == 1) return std::size_t{0};
    if (named == nullptr || !named->is_string()) return complaint{"a message does not say its \"port\""};
    const std::string_view name = named->get_string();
    const auto found = std::ranges::find(ports_, name, &program_port::name);
    if (found == ports_.end()) return complaint{fmt::format("there is no output \"{}\"", beginning_of(name))};
    return static_cast<std::size_t>(found - ports_.begin());
}

std::optional<output_parser::outcome> output_parser::take_header(json::value value) {
    if (!value.is_object()) return fail("a header is no JSON object");
    auto& line = value.get_object();
    std::uint64_t size = 0;
    if (const auto* const announced = line.if_contains("bytes")) {
        error_code failure;
        size = announced->to_number<std::uint64_t>(failure);
        if (failure) return fail("the \"bytes\" of a header are no whole number");
        if (size > limits_.payload_bytes) {
            return fail(fmt::format("a message of {} bytes is larger than {}", size, limits_.payload_bytes));
        }
    }
    header_ = std::move(line);
    payload_size_ = static_cast<std::size_t>(size);
    payload_done_ = 0;
    // Of what is reserved the kernel gives only the pages that something comes for.
    payload_ = payload_size_ > 0 ? std::make_shared_for_overwrite<std::byte[]>(payload_size_) : nullptr;
    if (payload_size_ > 0) return std::nullopt;
    std::span<const std::byte> nothing;
    return take_payload(nothing);
}

std::optional<output_parser::outcome> output_parser::take_payload(std::span<const std::byte>& bytes) {
    const auto count = std::min(bytes.size(), payload_size_ - payload_done_);
    if (count > 0) std::memcpy(payload_.get() + payload_done_, bytes.data(), count);
    payload_done_ += count;
    bytes = bytes.subspan(count);
    if (payload_done_ < payload_size_) return std::nullopt;

    const auto line = std::move(*header_);
    header_.reset();
    shared_bytes payload;
    if (payload_size_ > 0) payload = shared_bytes(payload_, {payload_.get(), payload_size_});
    payload_.reset();
    const auto port = port_of(line);
    if (!port) return outcome(port.error());
    auto content = content_of_line(*ports_[*port].type, line, std::move(payload));
    if (!content) return outcome(content.error());
    return outcome(program_message{*port, std::move(*content)});
}

}  // namespace streamhost::process
