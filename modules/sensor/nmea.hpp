#pragma once

#include <streamhost/result.hpp>

#include <chrono>
#include <optional>
#include <string_view>
#include <variant>

/// Sentences of NMEA 0183, as receivers of satellite navigation (GPS, Galileo, GLONASS, BeiDou) write them.
namespace streamhost::sensor::nmea {

/// Degrees; north and east are positive.
struct place {
    double latitude = 0;
    double longitude = 0;
};

/// Time of day, UTC.
using day_time = std::chrono::milliseconds;

/// GGA: where, how well, how high.
struct fix_data {
    std::optional<day_time> time{};
    std::optional<place> at{};
    int quality = 0;  ///< 0: no fix; 1 to 8: see `quality_name`
    std::optional<int> satellites{};
    std::optional<double> hdop{};        ///< horizontal dilution of precision
    std::optional<double> altitude_m{};  ///< above mean sea level
};

/// RMC: where, when, how fast, whither.
struct minimum_data {
    std::optional<day_time> time{};
    std::optional<std::chrono::year_month_day> date{};
    bool valid = false;
    std::optional<place> at{};
    std::optional<double> speed_m_s{};
    std::optional<double> course_deg{};  ///< over ground, from true north clockwise
};

/// A good sentence of another kind is a `monostate`.
using sentence = std::variant<std::monostate, fix_data, minimum_data>;

/// Reads a line without its end. A field that is empty is not known. Errors: `malformed` for what is no sentence, has no
/// checksum or a wrong one, or a field that cannot be.
result<sentence> parse(std::string_view line);

/// "none", "gps", "dgps", "pps", "rtk", "float_rtk", "estimated", "manual", "simulated"
std::string_view quality_name(int quality) noexcept;

}  // namespace streamhost::sensor::nmea
