#pragma once

#include "topology/problem.hpp"

#include <streamhost/export.hpp>

#include <boost/json/kind.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

struct located_member;

/// A JSON value that knows where each of its parts was written. Object members keep their order.
struct located_value {
    place where;
    boost::json::kind kind = boost::json::kind::null;
    boost::json::value scalar;  ///< null, boolean, int64, uint64, double or string
    std::vector<located_value> elements;
    std::vector<located_member> members;
    bool broken = false;  ///< a problem was reported for it already; whoever reads it stays silent

    bool is_object() const noexcept { return kind == boost::json::kind::object; }
    bool is_array() const noexcept { return kind == boost::json::kind::array; }
    bool is_text() const noexcept { return kind == boost::json::kind::string; }
    /// Requires `is_text()`.
    std::string_view text() const {
        const auto& string = scalar.as_string();
        return {string.data(), string.size()};
    }

    STREAMHOST_API const located_member* find(std::string_view key) const;
    STREAMHOST_API located_member* find(std::string_view key);
};

struct located_member {
    std::string key;
    place key_where;
    located_value value;
};

/// The value without its places.
STREAMHOST_API boost::json::value plain(const located_value& value);

/// How a problem names what it got: a scalar as JSON, "a list", "an object".
std::string shown(const located_value& value);

}  // namespace streamhost
