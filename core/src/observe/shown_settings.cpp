#include "observe/shown_settings.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

namespace streamhost {
namespace {

namespace json = boost::json;

constexpr auto none = std::string_view::npos;

bool speaks_of_secret(std::string_view key) {
    static constexpr std::array<std::string_view, 5> words{"password", "passwd", "secret", "token", "key"};
    std::string lower(key);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::any_of(words, [&](std::string_view word) { return lower.find(word) != none; });
}

/// Rather too little is shown than too much: a password may hold a bare "/" or a blank.
std::string shown_text(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == none) return std::string(text);
    const auto start = scheme + 3;
    auto rest = text.substr(start);
    if (const auto at = rest.rfind('@'); at != none) rest.remove_prefix(at + 1);
    return std::string(text.substr(0, start)) + std::string(rest.substr(0, rest.find_first_of("?#")));
}

json::value shown(const json::value& value) {
    if (value.is_string()) return json::value(shown_text(std::string_view(value.get_string())));
    if (value.is_array()) {
        json::array all;
        for (const auto& each : value.get_array()) all.push_back(shown(each));
        return all;
    }
    return value.is_object() ? json::value(shown_settings(value.get_object())) : value;
}

}  // namespace

json::object shown_settings(const json::object& settings) {
    json::object all;
    for (const auto& [key, value] : settings) {
        const bool hide = speaks_of_secret(key) && value.is_string() && !value.get_string().empty();
        all[key] = hide ? json::value("...") : shown(value);
    }
    return all;
}

}  // namespace streamhost
