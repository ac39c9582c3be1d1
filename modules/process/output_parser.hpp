#pragma once

#include "received_content.hpp"

#include <streamhost/wire/lines.hpp>

#include <boost/json/object.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

namespace streamhost::process {

struct program_message {
    std::size_t port = 0;  ///< its number among the outputs
    envelope content;      ///< its header is empty
};

struct output_limits {
    std::size_t line_bytes = lines::max_line;
    std::size_t payload_bytes = 16 * 1024 * 1024;
};

/// Reads what a program writes, in whatever pieces it comes, in one of the two forms (docs/processes.md). Holds one message at
/// most, and no more of it than has come. After a fatal complaint it reads nothing more. A plain object; one thread at a
/// time.
class output_parser {
public:
    using outcome = boost::system::result<program_message, complaint>;

    /// Requires at least one port.
    output_parser(port_table ports, message_form form, output_limits limits);

    /// The next message, or what is wrong with what stands in its place; nothing when `bytes` are used up before one is
    /// complete. What was used is taken off `bytes`.
    std::optional<outcome> next(std::span<const std::byte>& bytes);

    /// At the end of the bytes: what is wrong with them, if they end inside of a message.
    std::optional<complaint> finish();

private:
    std::optional<outcome> take_line(const result<std::string>& line);
    std::optional<outcome> take_header(boost::json::value value);
    std::optional<outcome> take_payload(std::span<const std::byte>& bytes);
    outcome take_value(boost::json::value value);
    outcome fail(std::string text);
    boost::system::result<std::size_t, complaint> port_of(const boost::json::object& line) const;
    bool is_addressed(const boost::json::value& value) const;

    port_table ports_;
    message_form form_;
    output_limits limits_;
    lines::splitter splitter_;
    std::optional<boost::json::object> header_;  // of the message whose bytes are still to come
    std::shared_ptr<std::byte[]> payload_;
    std::size_t payload_size_ = 0;
    std::size_t payload_done_ = 0;
    bool failed_ = false;
};

}  // namespace streamhost::process
