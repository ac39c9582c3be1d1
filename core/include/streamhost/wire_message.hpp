#pragma once

#include <streamhost/bytes.hpp>

#include <boost/container/static_vector.hpp>

#include <cstddef>

namespace streamhost {

/// A message as the bytes of one wire, made once for all who get it.
struct wire_message {
    static constexpr std::size_t most_pieces = 4;
    boost::container::static_vector<shared_bytes, most_pieces> pieces;  ///< in the order of the bytes

    std::size_t size() const noexcept {
        std::size_t sum = 0;
        for (const auto& piece : pieces) sum += piece.size();
        return sum;
    }
};

}  // namespace streamhost
