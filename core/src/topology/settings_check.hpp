#pragma once

#include "topology/located_value.hpp"

#include <streamhost/export.hpp>
#include <streamhost/module_info.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace streamhost {

/// "a number from 1 to 240", `one of "pickle", "framed"`: what a value of the setting has to be.
STREAMHOST_API std::string expected(const setting_info& setting);

/// How an object is checked against its settings.
struct settings_check {
    std::span<const setting_info> settings;
    std::span<const std::string> other_keys;  ///< known, looked at elsewhere
    std::string_view noun = "setting";        ///< "unknown setting"
    bool fill_defaults = true;                ///< whether what was not given comes with its default
};

struct checked_settings {
    /// In the order of their description, each in its canonical form: whole numbers as int64, durations in
    /// milliseconds.
    boost::json::object values;
    /// Whether all that must be there is there and right; else what is wrong is null, or not there.
    bool complete = true;
};

checked_settings check_settings(const located_value& object, place where, const std::string& path,
                                const settings_check& check, problem_list& problems);

/// One value; nothing, with a problem, where it is wrong, and nothing without one where it is broken already.
std::optional<boost::json::value> check_setting(const setting_info& setting, const located_value& value,
                                                const std::string& path, problem_list& problems);

}  // namespace streamhost
