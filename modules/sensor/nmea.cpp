#include "nmea.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace streamhost::sensor::nmea {
namespace {

/// NMEA 0183 allows 82 characters; some receivers write more digits than it foresaw.
constexpr std::size_t longest_sentence = 128;

constexpr double knot_m_s = 1852.0 / 3600.0;

constexpr std::array<std::string_view, 9> qualities{"none", "gps",       "dgps",   "pps",      "rtk",
                                                    "float_rtk", "estimated", "manual", "simulated"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

std::optional<int> hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return std::nullopt;
}

/// Takes what stands before the next comma off `rest`.
std::string_view next_field(std::string_view& rest) {
    const auto field = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
    return field;
}

std::optional<int> whole(std::string_view digits) {
    int value = 0;
    if (!all_digits(digits) || digits.size() > 9) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

/// Digits with a point between them, perhaps; from_chars(3) would take more than that.
std::optional<double> decimal(std::string_view text) {
    const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
    const bool plain = std::ranges::all_of(digits, [](char c) { return is_digit(c) || c == '.'; });
    if (!plain || digits.empty()) return std::nullopt;
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Reads the fields of one sentence. What is empty is not known; the first that cannot be makes the whole unusable.
class field_reader {
public:
    explicit field_reader(std::string_view fields) : rest_(fields) {}

    bool good() const noexcept { return good_; }
    void refuse() noexcept { good_ = false; }
    std::string_view word() { return next_field(rest_); }
    void skip(int fields) {
        for (int i = 0; i < fields; ++i) word();
    }

    std::optional<double> number(double least, double most) {
        const auto field = word();
        if (field.empty()) return std::nullopt;
        const auto value = decimal(field);
        if (value && *value >= least && *value <= most) return value;
        good_ = false;
        return std::nullopt;
    }

    std::optional<int> count(int most) {
        const auto field = word();
        if (field.empty()) return std::nullopt;
        const auto value = whole(field);
        if (value && *value <= most) return value;
        good_ = false;
        return std::nullopt;
    }

    /// "123519.25"
    std::optional<day_time> time() {
        const auto field = word();
        if (field.empty()) return std::nullopt;
        const auto digits = field.substr(0, 6);
        const auto seconds = decimal(field.size() >= 6 ? field.substr(4) : "");
        if (digits.size() == 6 && all_digits(digits) && seconds && *seconds < 61) {
            const int hours = *whole(digits.substr(0, 2)), minutes = *whole(digits.substr(2, 2));
            if (hours < 24 && minutes < 60) {
                return std::chrono::hours(hours) + std::chrono::minutes(minutes) +
                       day_time(static_cast<std::int64_t>(*seconds * 1000 + 0.5));
            }
        }
        good_ = false;
        return std::nullopt;
    }

    /// "230394": the 23rd of March. Receivers have no year before 2000 any more.
    std::optional<std::chrono::year_month_day> date() {
        const auto field = word();
        if (field.empty()) return std::nullopt;
        if (field.size() == 6 && all_digits(field)) {
            const std::chrono::year_month_day date(std::chrono::year(2000 + *whole(field.substr(4))),
                                                   std::chrono::month(static_cast<unsigned>(*whole(field.substr(2, 2)))),
                                                   std::chrono::day(static_cast<unsigned>(*whole(field.substr(0, 2)))));
            if (date.ok()) return date;
        }
        good_ = false;
        return std::nullopt;
    }

    /// Latitude, its half, longitude, its half: "4807.038,N,01131.000,E"
    std::optional<place> where() {
        const auto latitude = angle(2, 90, 'N', 'S');
        const auto longitude = angle(3, 180, 'E', 'W');
        if (!latitude || !longitude) return std::nullopt;
        return place{*latitude, *longitude};
    }

private:
    /// Whole degrees with `digits` digits, then minutes; the half of the globe in a field of its own.
    std::optional<double> angle(std::size_t digits, double most, char positive, char negative) {
        const auto field = word();
        const auto half = word();
        if (field.empty()) return std::nullopt;
        const auto degrees = whole(field.substr(0, digits));
        const auto minutes = decimal(field.size() > digits ? field.substr(digits) : "");
        const bool known_half = half.size() == 1 && (half[0] == positive || half[0] == negative);
        if (degrees && minutes && *minutes >= 0 && *minutes < 60 && known_half) {
            const double value = *degrees + *minutes / 60;
            if (value <= most) return half[0] == negative ? -value : value;
        }
        good_ = false;
        return std::nullopt;
    }

    std::string_view rest_;
    bool good_ = true;
};

constexpr double highest_m = 1e6, fastest_knots = 1e5, worst_hdop = 1e3;

result<sentence> parse_gga(std::string_view fields) {
    field_reader reader(fields);
    fix_data fix;
    fix.time = reader.time();
    fix.at = reader.where();
    fix.quality = reader.count(static_cast<int>(qualities.size()) - 1).value_or(0);
    fix.satellites = reader.count(999);
    fix.hdop = reader.number(0, worst_hdop);
    fix.altitude_m = reader.number(-highest_m, highest_m);
    const auto unit = reader.word();
    if (fix.altitude_m && unit != "M") reader.refuse();
    if (!reader.good()) return errc::malformed;
    return sentence(fix);
}

result<sentence> parse_rmc(std::string_view fields) {
    field_reader reader(fields);
    minimum_data minimum;
    minimum.time = reader.time();
    minimum.valid = reader.word() == "A";
    minimum.at = reader.where();
    if (const auto knots = reader.number(0, fastest_knots)) minimum.speed_m_s = *knots * knot_m_s;
    minimum.course_deg = reader.number(0, 360);
    minimum.date = reader.date();
    if (!reader.good()) return errc::malformed;
    return sentence(minimum);
}

}  // namespace

result<sentence> parse(std::string_view line) {
    const auto star = line.rfind('*');
    const bool whole_sentence = line.starts_with('$') && line.size() <= longest_sentence && star != line.npos &&
                        star + 3 == line.size();
    if (!whole_sentence) return errc::malformed;
    const auto high = hex_digit(line[star + 1]), low = hex_digit(line[star + 2]);
    if (!high || !low) return errc::malformed;
    auto content = line.substr(1, star - 1);
    unsigned char sum = 0;
    for (const char c : content) sum ^= static_cast<unsigned char>(c);
    if (sum != *high * 16 + *low) return errc::malformed;

    // Two letters for who talks (GP, GN, GL, ...), three for what; a maker's own begin with P.
    const auto address = next_field(content);
    if (address.empty()) return errc::malformed;
    if (address.size() != 5 || address.front() == 'P') return sentence{};
    if (address.ends_with("GGA")) return parse_gga(content);
    if (address.ends_with("RMC")) return parse_rmc(content);
    return sentence{};
}

std::string_view quality_name(int quality) noexcept {
    const bool known = quality >= 0 && quality < static_cast<int>(qualities.size());
    return known ? qualities[static_cast<std::size_t>(quality)] : qualities[0];
}

}  // namespace streamhost::sensor::nmea
