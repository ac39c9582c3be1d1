#include "topology/located_value.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace streamhost {

const located_member* located_value::find(std::string_view key) const {
    const auto found = std::find_if(members.begin(), members.end(), [&](const auto& each) { return each.key == key; });
    return found == members.end() ? nullptr : &*found;
}

located_member* located_value::find(std::string_view key) {
    return const_cast<located_member*>(std::as_const(*this).find(key));
}

boost::json::value plain(const located_value& value) {
    if (value.is_array()) {
        boost::json::array array;
        for (const auto& element : value.elements) array.push_back(plain(element));
        return array;
    }
    if (value.is_object()) {
        boost::json::object object;
        for (const auto& member : value.members) object.insert_or_assign(member.key, plain(member.value));
        return object;
    }
    return value.scalar;
}

std::string shown(const located_value& value) {
    if (value.is_array()) return "a list";
    if (value.is_object()) return "an object";
    if (value.is_text()) return quoted(value.text());
    if (const auto* number = value.scalar.if_double()) return fmt::format("{}", *number);
    return boost::json::serialize(value.scalar);
}

}  // namespace streamhost
