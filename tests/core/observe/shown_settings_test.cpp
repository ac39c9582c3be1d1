#include "observe/shown_settings.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace streamhost {
namespace {

namespace json = boost::json;

std::string shown(std::string_view settings) { return json::serialize(shown_settings(json::parse(settings).as_object())); }

TEST(shown_settings, what_holds_no_secret_stays) {
    const auto* const plain = R"({"source":"/dev/video0","fps":30,"list":["a","b"],"map":{"a":"b"},"none":null,"on":true})";
    EXPECT_EQ(shown(plain), plain);
}

TEST(shown_settings, of_urls_neither_user_nor_query_is_there) {
    EXPECT_EQ(shown(R"({"source":"rtsp://ada:pass/w@cam.local/live?key=1#x"})"), R"({"source":"rtsp://cam.local/live"})");
    EXPECT_EQ(shown(R"({"list":["http://cam/a?token=1"]})"), R"({"list":["http://cam/a"]})");
}

TEST(shown_settings, texts_under_a_key_that_speaks_of_a_secret_are_dots) {
    EXPECT_EQ(shown(R"({"token":"x","map":{"API_KEY":"x","Password":"y","empty_secret":""}})"),
              R"({"token":"...","map":{"API_KEY":"...","Password":"...","empty_secret":""}})");
}

}  // namespace
}  // namespace streamhost
