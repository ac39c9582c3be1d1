#include "navigation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <variant>

namespace streamhost::sensor {
namespace {

namespace json = boost::json;
using namespace std::chrono;

/// RFC 3339. The second 60 is there at some ends of a year.
std::string utc_text(const year_month_day& date, nmea::day_time time) {
    const auto h = std::min(duration_cast<hours>(time), hours(23));
    const auto m = std::min(duration_cast<minutes>(time - h), minutes(59));
    const auto ms = time - h - m;
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), h.count(), m.count(),
                       ms.count() / 1000, ms.count() % 1000);
}

/// To a tenth of a micrometre's worth of degrees: what is behind that is the arithmetic's.
double degrees(double value) { return std::round(value * 1e9) / 1e9; }

double thousandths(double value) { return std::round(value * 1000) / 1000; }

}  // namespace

std::vector<json::object> navigation::take(const nmea::sentence& heard) {
    if (const auto* const fix = std::get_if<nmea::fix_data>(&heard)) return take(*fix, fix_);
    if (const auto* const minimum = std::get_if<nmea::minimum_data>(&heard)) return take(*minimum, minimum_);
    return {};
}

template <class Data>
std::vector<json::object> navigation::take(const Data& heard, std::optional<Data>& place) {
    std::vector<json::object> complete;
    const bool other_time = (fix_ && fix_->time != heard.time) || (minimum_ && minimum_->time != heard.time);
    if (other_time || place) {
        if (!given_) complete.push_back(reading());
        expects_fix_ = fix_.has_value();
        expects_minimum_ = minimum_.has_value();
        fix_.reset();
        minimum_.reset();
        given_ = false;
    }
    place = heard;
    const bool all = (fix_ || !expects_fix_) && (minimum_ || !expects_minimum_);
    if (all && !given_) {
        complete.push_back(reading());
        given_ = true;
    }
    return complete;
}

json::object navigation::reading() const {
    json::object reading;
    const bool by_quality = fix_.has_value();
    const bool fixed = by_quality ? fix_->quality > 0 : minimum_->valid;
    const auto name = by_quality ? nmea::quality_name(fix_->quality) : nmea::quality_name(fixed ? 1 : 0);
    reading["fix"] = json::string_view(name.data(), name.size());
    if (minimum_ && minimum_->date && minimum_->time) reading["utc"] = utc_text(*minimum_->date, *minimum_->time);
    if (fix_ && fix_->satellites) reading["satellites"] = *fix_->satellites;
    if (!fixed) return reading;

    auto at = by_quality ? fix_->at : minimum_->at;
    if (!at && minimum_) at = minimum_->at;
    if (at) {
        reading["latitude_deg"] = degrees(at->latitude);
        reading["longitude_deg"] = degrees(at->longitude);
    }
    if (fix_ && fix_->altitude_m) reading["altitude_m"] = *fix_->altitude_m;
    if (fix_ && fix_->hdop) reading["hdop"] = *fix_->hdop;
    if (minimum_ && minimum_->speed_m_s) reading["speed_m_s"] = thousandths(*minimum_->speed_m_s);
    if (minimum_ && minimum_->course_deg) reading["course_deg"] = *minimum_->course_deg;
    return reading;
}

}  // namespace streamhost::sensor
