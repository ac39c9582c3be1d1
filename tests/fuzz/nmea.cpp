// Any bytes as what a satellite receiver writes: in pieces the same readings come of them as at once, and nothing in a
// reading is where the Earth has nothing.
#include "navigation.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/lines.hpp>
#include <streamhost/wire/utf8.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace sh = streamhost;

namespace {

bool is_within(const boost::json::object& reading, const char* key, double least, double most) {
    const auto* const value = reading.if_contains(key);
    return value == nullptr || (value->to_number<double>() >= least && value->to_number<double>() <= most);
}

std::vector<std::string> read_in_pieces(std::string_view bytes, std::size_t piece) {
    sh::lines::splitter splitter(1024);
    sh::sensor::navigation navigation;
    std::vector<std::string> readings;
    while (!bytes.empty()) {
        auto some = bytes.substr(0, piece);
        bytes.remove_prefix(some.size());
        while (!some.empty()) {
            const auto line = splitter.next(some);
            if (!line || !*line) continue;
            const auto sentence = sh::sensor::nmea::parse(**line);
            if (!sentence) continue;
            for (const auto& reading : navigation.take(*sentence)) {
                STREAMHOST_ASSERT(is_within(reading, "latitude_deg", -90, 90));
                STREAMHOST_ASSERT(is_within(reading, "longitude_deg", -180, 180));
                STREAMHOST_ASSERT(is_within(reading, "course_deg", 0, 360));
                STREAMHOST_ASSERT(is_within(reading, "speed_m_s", 0, 1e6));
                STREAMHOST_ASSERT(reading.at("fix").is_string());
                readings.push_back(boost::json::serialize(reading));
            }
        }
    }
    return readings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto at_once = read_in_pieces(bytes, std::max<std::size_t>(size, 1));
    STREAMHOST_ASSERT(read_in_pieces(bytes, 1) == at_once);
    STREAMHOST_ASSERT(read_in_pieces(bytes, 7) == at_once);

    // As a sentence with a good checksum, which the fuzzer would hardly find.
    std::string line;
    unsigned char sum = 0;
    for (const char c : bytes.substr(0, 100)) {
        if (c == '*') continue;
        line += c;
        sum ^= static_cast<unsigned char>(c);
    }
    constexpr const char* digits = "0123456789ABCDEF";
    (void)sh::sensor::nmea::parse("$" + line + "*" + digits[sum >> 4] + digits[sum & 15]);
    return 0;
}
