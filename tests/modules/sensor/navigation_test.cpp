#include "navigation.hpp"

#include "sentences.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace streamhost::sensor {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class navigation_test : public ::testing::Test {
protected:
    std::vector<std::string> take(std::string_view content) {
        const auto sentence = nmea::parse(test::sentence_of(content));
        EXPECT_TRUE(sentence) << content;
        std::vector<std::string> readings;
        for (const auto& each : navigation_.take(*sentence)) readings.push_back(boost::json::serialize(each));
        return readings;
    }
    static std::string shown(const char* json) { return boost::json::serialize(boost::json::parse(json)); }

    navigation navigation_;
};

TEST_F(navigation_test, both_sentences_of_a_moment_are_one_reading) {
    EXPECT_THAT(take("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), IsEmpty());
    EXPECT_THAT(take("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230324,,"),
                ElementsAre(shown(R"({"fix": "gps", "utc": "2024-03-23T12:35:19.000Z", "satellites": 8,
                    "latitude_deg": 48.1173, "longitude_deg": 11.516666667, "altitude_m": 545.4, "hdop": 0.9,
                    "speed_m_s": 11.524, "course_deg": 84.4})")));
    EXPECT_THAT(take("GPGSV,1,1,00"), IsEmpty());
}

TEST_F(navigation_test, the_order_does_not_matter) {
    EXPECT_THAT(take("GPRMC,123519,A,4807.038,N,01131.000,E,0,,230324,,"), IsEmpty());
    EXPECT_EQ(take("GPGGA,123519,4807.038,N,01131.000,E,1,08,,,,,,,").size(), 1u);
    EXPECT_THAT(take("GPRMC,123520,A,4807.038,N,01131.000,E,0,,230324,,"), IsEmpty());
    EXPECT_EQ(take("GPGGA,123520,4807.038,N,01131.000,E,1,08,,,,,,,").size(), 1u);
}

TEST_F(navigation_test, a_receiver_of_one_kind_is_late_once) {
    EXPECT_THAT(take("GPRMC,123519,A,4807.000,N,01130.000,E,0,,230324,,"), IsEmpty()) << "the other kind may still come";
    const auto two = take("GPRMC,123520,A,4807.000,N,01130.000,E,0,,230324,,");
    ASSERT_EQ(two.size(), 2u);
    EXPECT_EQ(boost::json::parse(two[0]).at("utc").as_string(), "2024-03-23T12:35:19.000Z");
    EXPECT_EQ(boost::json::parse(two[1]).at("utc").as_string(), "2024-03-23T12:35:20.000Z");
    EXPECT_EQ(boost::json::parse(two[1]).at("fix").as_string(), "gps");
    EXPECT_EQ(take("GPRMC,123521,A,4807.000,N,01130.000,E,0,,230324,,").size(), 1u);
}

TEST_F(navigation_test, without_a_fix_there_is_no_position) {
    take("GPGGA,,,,,,0,03,,,,,,,");
    EXPECT_THAT(take("GPRMC,,V,,,,,,,,,,N"), ElementsAre(shown(R"({"fix": "none", "satellites": 3})")));
    take("GPGGA,123519,4807.038,N,01131.000,E,0,03,0.9,545.4,M,46.9,M,,");
    EXPECT_THAT(take("GPRMC,123519,V,4807.038,N,01131.000,E,1,,230324,,"),
                ElementsAre(shown(R"({"fix": "none", "utc": "2024-03-23T12:35:19.000Z", "satellites": 3})")))
        << "what it writes then is where it once was";
}

TEST_F(navigation_test, moments_without_a_time_are_told_apart_by_their_sentences) {
    take("GPGGA,,,,,,0,03,,,,,,,");
    EXPECT_EQ(take("GPRMC,,V,,,,,,,,,,N").size(), 1u);
    EXPECT_THAT(take("GPGGA,,,,,,0,04,,,,,,,"), IsEmpty());
    EXPECT_THAT(take("GPRMC,,V,,,,,,,,,,N"), ElementsAre(shown(R"({"fix": "none", "satellites": 4})")));
}

TEST_F(navigation_test, a_leap_second_has_its_own_number) {
    take("GPGGA,235960,4807.038,N,01131.000,E,1,08,,,,,,,");
    const auto one = take("GPRMC,235960,A,4807.038,N,01131.000,E,0,,311224,,");
    ASSERT_EQ(one.size(), 1u);
    EXPECT_EQ(boost::json::parse(one[0]).at("utc").as_string(), "2024-12-31T23:59:60.000Z");
}

}  // namespace
}  // namespace streamhost::sensor
