#include "nmea.hpp"

#include "sentences.hpp"

#include <gtest/gtest.h>

namespace streamhost::sensor::nmea {
namespace {

using namespace std::chrono_literals;
using test::sentence_of;

fix_data fix_of(std::string_view content) {
    const auto parsed = parse(sentence_of(content));
    EXPECT_TRUE(parsed) << content;
    if (!parsed || !std::holds_alternative<fix_data>(*parsed)) return {};
    return std::get<fix_data>(*parsed);
}

minimum_data minimum_of(std::string_view content) {
    const auto parsed = parse(sentence_of(content));
    EXPECT_TRUE(parsed) << content;
    if (!parsed || !std::holds_alternative<minimum_data>(*parsed)) return {};
    return std::get<minimum_data>(*parsed);
}

TEST(nmea, a_position_with_its_height_and_quality) {
    const auto fix = fix_of("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,");
    EXPECT_EQ(fix.time, 12h + 35min + 19s);
    ASSERT_TRUE(fix.at);
    EXPECT_NEAR(fix.at->latitude, 48.1173, 1e-9);
    EXPECT_NEAR(fix.at->longitude, 11.516666667, 1e-9);
    EXPECT_EQ(fix.quality, 1);
    EXPECT_EQ(fix.satellites, 8);
    EXPECT_EQ(fix.hdop, 0.9);
    EXPECT_EQ(fix.altitude_m, 545.4);
}

TEST(nmea, south_and_west_are_negative_and_any_talker_is_heard) {
    const auto fix = fix_of("GNGGA,000000.125,3351.12345678,S,15112.5,W,4,31,0.51,-12.5,M,,M,1.0,0000");
    EXPECT_EQ(fix.time, 125ms);
    ASSERT_TRUE(fix.at);
    EXPECT_NEAR(fix.at->latitude, -(33 + 51.12345678 / 60), 1e-12);
    EXPECT_NEAR(fix.at->longitude, -(151 + 12.5 / 60), 1e-12);
    EXPECT_EQ(fix.altitude_m, -12.5);
    EXPECT_EQ(quality_name(fix.quality), "rtk");
}

TEST(nmea, a_receiver_without_a_fix_leaves_fields_empty) {
    const auto fix = fix_of("GPGGA,,,,,,0,00,99.99,,,,,,");
    EXPECT_FALSE(fix.time);
    EXPECT_FALSE(fix.at);
    EXPECT_FALSE(fix.altitude_m);
    EXPECT_EQ(quality_name(fix.quality), "none");
    const auto minimum = minimum_of("GPRMC,,V,,,,,,,,,,N");
    EXPECT_FALSE(minimum.valid);
    EXPECT_FALSE(minimum.time || minimum.date || minimum.at || minimum.speed_m_s || minimum.course_deg);
}

TEST(nmea, the_recommended_minimum) {
    const auto minimum = minimum_of("GPRMC,123519.50,A,4807.038,N,01131.000,E,022.4,084.4,230324,003.1,W,A");
    EXPECT_TRUE(minimum.valid);
    EXPECT_EQ(minimum.time, 12h + 35min + 19s + 500ms);
    EXPECT_EQ(minimum.date, std::chrono::year(2024) / 3 / 23);
    EXPECT_NEAR(minimum.speed_m_s.value(), 22.4 * 1852 / 3600, 1e-12);
    EXPECT_EQ(minimum.course_deg, 84.4);
    EXPECT_TRUE(minimum.at);
}

TEST(nmea, other_sentences_are_good_and_say_nothing) {
    for (const auto* content : {"GPGSV,3,1,11,03,03,111,00,04,15,270,00,06,01,010,00,13,06,292,00", "PUBX,00", "GPGLL,", "GPTXT"}) {
        const auto parsed = parse(sentence_of(content));
        ASSERT_TRUE(parsed) << content;
        EXPECT_TRUE(std::holds_alternative<std::monostate>(*parsed)) << content;
    }
}

TEST(nmea, a_wrong_or_missing_checksum_is_no_sentence) {
    EXPECT_TRUE(parse("$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"));
    EXPECT_TRUE(parse("$GPRMC,,V,,,,,,,,,,N*53"));
    for (const auto* line : {"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*48",
                             "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,",
                             "GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
                             "$GPRMC,,V,,,,,,,,,,N*5", "$GPRMC,,V,,,,,,,,,,N*530", "$GPRMC,,V,,,,,,,,,,N*GG", "$*00", "$", "*", "",
                             "$$GPRMC,,V,,,,,,,,,,N*53"}) {
        EXPECT_EQ(parse(line).error(), errc::malformed) << line;
    }
}

TEST(nmea, fields_that_cannot_be_are_refused) {
    for (const auto* content :
         {"GPGGA,246060,,,,,1,,,,,,,,", "GPGGA,12351,,,,,1,,,,,,,,", "GPGGA,12x519,,,,,1,,,,,,,,", "GPGGA,125961,,,,,1,,,,,,,,",
          "GPGGA,,9107.038,N,01131.000,E,1,,,,,,,,", "GPGGA,,4860.000,N,01131.000,E,1,,,,,,,,",
          "GPGGA,,4807.038,E,01131.000,E,1,,,,,,,,", "GPGGA,,4807.038,,01131.000,E,1,,,,,,,,",
          "GPGGA,,4807.038,N,18100.000,E,1,,,,,,,,", "GPGGA,,48,N,011,E,1,,,,,,,,", "GPGGA,,-807.038,N,01131.000,E,1,,,,,,,,",
          "GPGGA,,,,,,9,,,,,,,,", "GPGGA,,,,,,-1,,,,,,,,", "GPGGA,,,,,,1,x,,,,,,,", "GPGGA,,,,,,1,,inf,,,,,,",
          "GPGGA,,,,,,1,,,nan,M,,,,", "GPGGA,,,,,,1,,,1e300,M,,,,", "GPGGA,,,,,,1,,,5,F,,,,", "GPRMC,,A,,,,,-1,,,,,N",
          "GPRMC,,A,,,,,,361,,,,N", "GPRMC,,A,,,,,,,310224,,,N", "GPRMC,,A,,,,,,,3102,,,N", "GPRMC,,A,,,,,,.,,,,N"}) {
        EXPECT_EQ(parse(sentence_of(content)).error(), errc::malformed) << content;
    }
}

TEST(nmea, a_sentence_may_end_early) {
    EXPECT_EQ(fix_of("GPGGA,123519").time, 12h + 35min + 19s);
    EXPECT_TRUE(minimum_of("GPRMC,,A").valid);
}

}  // namespace
}  // namespace streamhost::sensor::nmea
