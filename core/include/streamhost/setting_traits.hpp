#pragma once

#include <streamhost/module_info.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cmath>
#include <concepts>
#include <map>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

/// How the members of a settings struct look in JSON. `to_json` gives the default, `from_json` reads a checked value.
namespace streamhost::detail {

template <class T>
struct setting_traits;

template <>
struct setting_traits<bool> {
    static constexpr setting_kind kind = setting_kind::boolean;
    static boost::json::value to_json(bool value) { return value; }
    static bool from_json(const boost::json::value& value) { return value.as_bool(); }
};

template <std::integral T>
struct setting_traits<T> {
    static constexpr setting_kind kind = setting_kind::integer;
    static constexpr std::int64_t lowest = std::is_signed_v<T> ? std::int64_t{std::numeric_limits<T>::min()} : 0;
    static constexpr std::int64_t highest = sizeof(T) < sizeof(std::int64_t)
                                                ? static_cast<std::int64_t>(std::numeric_limits<T>::max())
                                                : std::numeric_limits<std::int64_t>::max();
    static boost::json::value to_json(T value) { return static_cast<std::int64_t>(value); }
    static T from_json(const boost::json::value& value) { return static_cast<T>(value.as_int64()); }
};

template <std::floating_point T>
struct setting_traits<T> {
    static constexpr setting_kind kind = setting_kind::number;
    /// As one would write it: 30, not 3E1.
    static boost::json::value to_json(T value) {
        constexpr T exact = 1e6;
        if (value == std::floor(value) && std::abs(value) < exact) return static_cast<std::int64_t>(value);
        return static_cast<double>(value);
    }
    static T from_json(const boost::json::value& value) { return static_cast<T>(value.to_number<double>()); }
};

template <>
struct setting_traits<std::string> {
    static constexpr setting_kind kind = setting_kind::text;
    static boost::json::value to_json(const std::string& value) { return boost::json::value(value); }
    static std::string from_json(const boost::json::value& value) { return std::string(value.as_string()); }
};

template <class Rep, class Period>
struct setting_traits<std::chrono::duration<Rep, Period>> {
    using duration = std::chrono::duration<Rep, Period>;
    static constexpr setting_kind kind = setting_kind::duration;
    /// Whole milliseconds where it is a whole number of them.
    static boost::json::value to_json(duration value) {
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(value).count();
        if (ns % 1'000'000 == 0) return ns / 1'000'000;
        return static_cast<double>(ns) / 1e6;
    }
    static duration from_json(const boost::json::value& value) {
        if (value.is_int64()) return std::chrono::duration_cast<duration>(std::chrono::milliseconds(value.as_int64()));
        const auto ns = std::chrono::nanoseconds(std::llround(value.as_double() * 1e6));
        return std::chrono::duration_cast<duration>(ns);
    }
};

template <>
struct setting_traits<std::vector<std::string>> {
    static constexpr setting_kind kind = setting_kind::text_list;
    static boost::json::value to_json(const std::vector<std::string>& value) {
        boost::json::array list;
        for (const auto& text : value) list.emplace_back(text);
        return list;
    }
    static std::vector<std::string> from_json(const boost::json::value& value) {
        std::vector<std::string> list;
        for (const auto& text : value.as_array()) list.emplace_back(text.as_string());
        return list;
    }
};

template <>
struct setting_traits<std::map<std::string, std::string>> {
    static constexpr setting_kind kind = setting_kind::text_map;
    static boost::json::value to_json(const std::map<std::string, std::string>& value) {
        boost::json::object object;
        for (const auto& [key, text] : value) object[key] = text;
        return object;
    }
    static std::map<std::string, std::string> from_json(const boost::json::value& value) {
        std::map<std::string, std::string> map;
        for (const auto& member : value.as_object()) map.emplace(member.key(), member.value().as_string());
        return map;
    }
};

template <>
struct setting_traits<std::variant<std::int64_t, std::string>> {
    using variant = std::variant<std::int64_t, std::string>;
    static constexpr setting_kind kind = setting_kind::text_or_integer;
    static boost::json::value to_json(const variant& value) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
        return boost::json::value(std::get<std::string>(value));
    }
    static variant from_json(const boost::json::value& value) {
        if (value.is_int64()) return value.as_int64();
        return std::string(value.as_string());
    }
};

/// An enumeration has no names of its own; `.one_of()` gives them, with the default and the reader.
template <class T>
    requires std::is_enum_v<T>
struct setting_traits<T> {
    static constexpr setting_kind kind = setting_kind::choice;
    static boost::json::value to_json(T) { return nullptr; }
    static T from_json(const boost::json::value&) { return T{}; }
};

template <class T>
struct setting_traits<std::optional<T>> {
    static constexpr setting_kind kind = setting_traits<T>::kind;
    static boost::json::value to_json(const std::optional<T>& value) {
        return value ? setting_traits<T>::to_json(*value) : boost::json::value();
    }
    static std::optional<T> from_json(const boost::json::value& value) {
        if (value.is_null()) return std::nullopt;
        return setting_traits<T>::from_json(value);
    }
};

template <class T>
struct without_optional {
    using type = T;
    static constexpr bool optional = false;
};
template <class T>
struct without_optional<std::optional<T>> {
    using type = T;
    static constexpr bool optional = true;
};

template <class T>
struct is_duration : std::false_type {};
template <class Rep, class Period>
struct is_duration<std::chrono::duration<Rep, Period>> : std::true_type {
    using resolution = std::chrono::duration<std::int64_t, Period>;
};

}  // namespace streamhost::detail
