#pragma once

#include <streamhost/wire_message.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace streamhost {

/// A message on its way to any number of viewers, ready for a gather write. Immutable: all of them share it.
struct broadcast {
    using buffer_list = boost::container::static_vector<boost::asio::const_buffer, wire_message::most_pieces>;

    broadcast(wire_message message, std::int64_t arrived) : content(std::move(message)), arrived_ns(arrived) {
        for (const auto& piece : content.pieces) {
            if (!piece.empty()) buffers.push_back(boost::asio::buffer(piece.data(), piece.size()));
            size += piece.size();
        }
    }

    /// What is left behind the first `offset` bytes.
    buffer_list rest(std::size_t offset) const {
        buffer_list left;
        for (const auto& buffer : buffers) {
            if (offset < buffer.size()) left.push_back(buffer + offset);
            offset -= std::min(offset, buffer.size());
        }
        return left;
    }

    const wire_message content;
    const std::int64_t arrived_ns;  ///< in this host, on its steady clock
    buffer_list buffers;
    std::size_t size = 0;
};

}  // namespace streamhost
