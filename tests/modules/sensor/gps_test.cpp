#include "gps.hpp"

#include "device_stage.hpp"
#include "sentences.hpp"

#include <boost/json/parse.hpp>

namespace streamhost::sensor::test {
namespace {

using ::testing::SizeIs;

class gps_test : public device_stage<gps> {
protected:
    gps_test() {
        add_device({{"device", simulated_device}});
        plan.link("device.records", "sink.records");
    }
    static std::string line_of(std::string_view content) { return sentence_of(content) + "\r\n"; }
};

TEST_F(gps_test, a_receiver_s_sentences_are_records) {
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        // As one that is joined in the middle, with its own binary words in between.
        co_await say(*port, "38,N,01131.000,E,1*00\r\n" + line_of("GPTXT,01,01,02,ready") +
                                line_of("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,") +
                                std::string("\xb5\x62\x01\x07\x00\n", 6) +
                                line_of("GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230324,,"));
        const bool came = co_await until(host, [this] { return !seen.records.empty(); });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(simulate(), 0);
    ASSERT_THAT(seen.records, SizeIs(1));
    const auto reading = boost::json::parse(seen.records[0]);
    EXPECT_EQ(reading.at("fix").as_string(), "gps");
    EXPECT_EQ(reading.at("utc").as_string(), "2024-03-23T12:35:19.000Z");
    EXPECT_NEAR(reading.at("latitude_deg").as_double(), 48.1173, 1e-9);
    EXPECT_EQ(metric("lines_refused"), 2u);
}

TEST_F(gps_test, a_wrong_speed_is_guessed_at) {
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        for (int i = 0; i < 25; ++i) co_await say(*port, "x~x~x\n");
        const bool told = co_await until(host, [this] { return condition() == "what comes is no NMEA: is `baud` right?"; });
        EXPECT_TRUE(told);
        co_await say(*port, line_of("GPTXT,01,01,02,ready"));
        const bool mended = co_await until(host, [this] { return condition().empty(); });
        EXPECT_TRUE(mended);
    };
    EXPECT_EQ(simulate(), 0);
}

TEST_F(gps_test, at_a_real_line) {
    streamhost::test::pseudo_terminal line;
    streamhost::test::plan_builder real;
    real.add<gps>("device", {{"device", line.path()}});
    real.add<sink>("sink");
    real.add<actor>("actor");
    real.link("device.records", "sink.records");
    plan = real;
    seen.act = [&](module_context& host) -> awaitable<void> {
        const bool open = co_await until(host, [this] { return metric("device_opens") == 1; });
        EXPECT_TRUE(open);
        write_to(line, line_of("GNGGA,000001.00,0000.000,S,00000.000,W,2,12,0.5,0.0,M,,M,,"));
        write_to(line, line_of("GNRMC,000001.00,A,0000.000,S,00000.000,W,0.0,,010125,,,D"));
        const bool came = co_await until(host, [this] { return !seen.records.empty(); });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(run_here(), 0);
    ASSERT_THAT(seen.records, SizeIs(1));
    EXPECT_EQ(boost::json::parse(seen.records[0]).at("fix").as_string(), "dgps");
}

}  // namespace
}  // namespace streamhost::sensor::test
