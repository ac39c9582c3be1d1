#include "topology/settings_check.hpp"

#include "topology/address_text.hpp"
#include "topology/duration_text.hpp"
#include "topology/suggestion.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace streamhost {
namespace {

namespace json = boost::json;

std::string bound_text(const setting_info& setting, double bound) {
    if (setting.kind == setting_kind::duration)
        return to_text(duration_from_ms(bound).value_or(std::chrono::nanoseconds::max()));
    if (bound == std::floor(bound) && std::abs(bound) < 1e15)
        return fmt::format("{}", static_cast<std::int64_t>(bound));
    return fmt::format("{}", bound);
}

/// " from 1 to 240", " of at least 1", or nothing.
std::string range_text(const setting_info& setting) {
    const bool zero_or_more = setting.kind == setting_kind::duration && setting.minimum == 0.0;
    if (setting.minimum && setting.maximum) {
        return fmt::format(" from {} to {}", bound_text(setting, *setting.minimum),
                           bound_text(setting, *setting.maximum));
    }
    if (setting.minimum && !zero_or_more) return fmt::format(" of at least {}", bound_text(setting, *setting.minimum));
    if (setting.maximum) return fmt::format(" of at most {}", bound_text(setting, *setting.maximum));
    if (setting.kind != setting_kind::integer) return {};
    constexpr auto unbounded = std::numeric_limits<std::int64_t>::max();
    if (setting.highest < unbounded) return fmt::format(" from {} to {}", setting.lowest, setting.highest);
    return setting.lowest == 0 ? " of at least 0" : "";
}

bool in_range(const setting_info& setting, double value) {
    return (!setting.minimum || value >= *setting.minimum) && (!setting.maximum || value <= *setting.maximum);
}

std::optional<json::value> integer(const setting_info& setting, const located_value& value) {
    std::int64_t number = 0;
    if (const auto* whole = value.scalar.if_int64()) {
        number = *whole;
    } else if (const auto* real = value.scalar.if_double()) {
        constexpr double exact = 9e15;  // whole doubles are exact up to 2^53
        if (*real != std::floor(*real) || std::abs(*real) > exact) return std::nullopt;
        number = static_cast<std::int64_t>(*real);
    } else {
        return std::nullopt;
    }
    if (number < setting.lowest || number > setting.highest) return std::nullopt;
    if (!in_range(setting, static_cast<double>(number))) return std::nullopt;
    return number;
}

std::optional<json::value> number(const setting_info& setting, const located_value& value) {
    if (!value.scalar.is_number() || !in_range(setting, value.scalar.to_number<double>())) return std::nullopt;
    return value.scalar;
}

std::optional<std::chrono::nanoseconds> length_of(const located_value& value) {
    if (value.is_text()) return parse_duration(value.text());
    if (value.scalar.is_number()) return duration_from_ms(value.scalar.to_number<double>());
    return std::nullopt;
}

/// Whole milliseconds are what one expects of a duration, so that `expected` does not speak of them.
bool is_too_fine(const setting_info& setting, const located_value& value) {
    const auto length = length_of(value);
    return length && setting.resolution == std::chrono::milliseconds(1) &&
           *length % setting.resolution != std::chrono::nanoseconds(0);
}

std::optional<json::value> duration(const setting_info& setting, const located_value& value) {
    const auto length = length_of(value);
    if (!length || *length % setting.resolution != std::chrono::nanoseconds(0)) return std::nullopt;
    const auto ns = length->count();
    if (!in_range(setting, static_cast<double>(ns) / 1e6)) return std::nullopt;
    if (ns % 1'000'000 == 0) return ns / 1'000'000;
    return static_cast<double>(ns) / 1e6;
}

/// Texts go to system calls and to file names, where a NUL would end them early.
bool is_usable(std::string_view text) { return text.find('\0') == std::string_view::npos; }

bool is_good_text(const setting_info& setting, const located_value& value) {
    if (!value.is_text() || !is_usable(value.text())) return false;
    if (value.text().empty()) return !setting.required;
    return setting.address == address_role::none || parse_host_and_port(value.text()).has_value();
}

/// A text inside a list or an object, into whose place its problem goes.
bool is_good_element(const setting_info& setting, const located_value& element, const std::string& path,
                     problem_list& problems) {
    if (element.broken) return false;
    if (is_good_text(setting, element)) return true;
    setting_info one = setting;
    one.kind = setting_kind::text;
    problems.add(element.where, path, fmt::format("expected {}, got {}", expected(one), shown(element)));
    return false;
}

std::optional<json::value> text_list(const setting_info& setting, const located_value& value, const std::string& path,
                                     problem_list& problems) {
    json::array list;
    bool good = true;
    for (std::size_t i = 0; i < value.elements.size(); ++i) {
        const auto& element = value.elements[i];
        if (is_good_element(setting, element, path_to(path, i), problems)) list.push_back(element.scalar);
        else good = false;
    }
    if (!good) return std::nullopt;
    return list;
}

std::optional<json::value> text_map(const setting_info& setting, const located_value& value, const std::string& path,
                                    problem_list& problems) {
    json::object map;
    bool good = true;
    for (const auto& member : value.members) {
        if (is_good_element(setting, member.value, path_to(path, member.key), problems)) {
            map[member.key] = member.value.scalar;
        } else {
            good = false;
        }
    }
    if (!good) return std::nullopt;
    return map;
}

std::optional<json::value> checked(const setting_info& setting, const located_value& value) {
    switch (setting.kind) {
        case setting_kind::boolean:
            if (value.kind == json::kind::bool_) return value.scalar;
            return std::nullopt;
        case setting_kind::integer: return integer(setting, value);
        case setting_kind::number: return number(setting, value);
        case setting_kind::duration: return duration(setting, value);
        case setting_kind::text:
            if (is_good_text(setting, value)) return value.scalar;
            return std::nullopt;
        case setting_kind::text_or_integer:
            if (is_good_text(setting, value)) return value.scalar;
            return integer(setting, value);
        case setting_kind::choice:
            if (value.is_text() && std::ranges::find(setting.choices, value.text()) != setting.choices.end())
                return value.scalar;
            return std::nullopt;
        case setting_kind::text_list:
        case setting_kind::text_map: break;  // element by element
    }
    return std::nullopt;
}

void report_unknown_keys(const located_value& object, const std::string& path, const settings_check& check,
                         problem_list& problems) {
    std::vector<std::string> known;
    for (const auto& setting : check.settings) known.push_back(setting.name);
    known.insert(known.end(), check.other_keys.begin(), check.other_keys.end());
    for (const auto& member : object.members) {
        if (std::ranges::find(known, member.key) != known.end()) continue;
        problems.add(member.key_where, path_to(path, member.key),
                     fmt::format("unknown {}{}", check.noun, did_you_mean(member.key, known)));
    }
}

}  // namespace

std::string expected(const setting_info& setting) {
    const std::string unit = setting.unit.empty() ? "" : " " + setting.unit;
    switch (setting.kind) {
        case setting_kind::boolean: return "true or false";
        case setting_kind::integer: return fmt::format("a whole number{}{}", range_text(setting), unit);
        case setting_kind::number: return fmt::format("a number{}{}", range_text(setting), unit);
        case setting_kind::choice: {
            std::vector<std::string> names;
            for (const auto& choice : setting.choices) names.push_back(quoted(choice));
            return fmt::format("one of {}", fmt::join(names, ", "));
        }
        case setting_kind::text_list: return setting.required ? "a list of texts that is not empty" : "a list of texts";
        case setting_kind::text_map: return setting.required ? "an object of texts that is not empty" : "an object of texts";
        case setting_kind::text_or_integer:
            return fmt::format("a text or a whole number{}{}", range_text(setting), unit);
        case setting_kind::text:
            if (setting.address != address_role::none) return "an address and a port such as \"127.0.0.1:9699\"";
            return setting.required ? "a text that is not empty" : "a text";
        case setting_kind::duration: break;
    }
    const bool whole = setting.resolution > std::chrono::milliseconds(1);
    const auto steps = whole ? fmt::format(" in steps of {}", to_text(setting.resolution)) : std::string();
    const auto range = range_text(setting);
    return range.empty() ? fmt::format("a duration such as \"500ms\", \"2s\" or \"1min\"{}", steps)
                         : fmt::format("a duration{}{}", range, steps);
}

std::optional<json::value> check_setting(const setting_info& setting, const located_value& value,
                                         const std::string& path, problem_list& problems) {
    if (value.broken) return std::nullopt;
    if (value.kind == json::kind::null && setting.nullable && !setting.required) return json::value();
    const bool list = setting.kind == setting_kind::text_list && value.is_array();
    if (list && !(setting.required && value.elements.empty())) return text_list(setting, value, path, problems);
    const bool map = setting.kind == setting_kind::text_map && value.is_object();
    if (map && !(setting.required && value.members.empty())) return text_map(setting, value, path, problems);
    if (auto good = checked(setting, value)) return good;
    auto text = fmt::format("expected {}, got {}", expected(setting), shown(value));
    if (setting.kind == setting_kind::duration && value.scalar.is_number()) text += " (milliseconds)";
    if (setting.kind == setting_kind::duration && is_too_fine(setting, value))
        text += "; it has no finer steps than 1ms";
    if (setting.kind == setting_kind::choice && value.is_text()) text += did_you_mean(value.text(), setting.choices);
    problems.add(value.where, path, std::move(text));
    return std::nullopt;
}

checked_settings check_settings(const located_value& object, place where, const std::string& path,
                                const settings_check& check, problem_list& problems) {
    checked_settings result;
    report_unknown_keys(object, path, check, problems);
    for (const auto& setting : check.settings) {
        const auto* member = object.find(setting.name);
        if (member == nullptr && setting.required) {
            problems.add(where, path,
                         fmt::format("the {} `{}` is missing: {}", check.noun, setting.name, setting.help));
        }
        std::optional<json::value> value;
        if (member != nullptr) value = check_setting(setting, member->value, path_to(path, setting.name), problems);
        const bool left_out = member == nullptr && !setting.required;
        if (!value && !left_out) result.complete = false;
        if (value) result.values[setting.name] = std::move(*value);
        else if (check.fill_defaults) result.values[setting.name] = left_out ? setting.default_value : json::value();
    }
    return result;
}

}  // namespace streamhost
