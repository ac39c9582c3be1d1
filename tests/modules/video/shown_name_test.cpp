#include "shown_name.hpp"

#include <gtest/gtest.h>

namespace streamhost::video {
namespace {

TEST(shown_name_test, what_is_no_url_is_shown_as_it_is) {
    for (const auto* name : {"", "/dev/video0", "/dev/video0 (A camera?)", "clip@home.avi", "img%03d.png?"}) {
        EXPECT_EQ(shown_name(name), name);
    }
}

TEST(shown_name_test, a_url_without_secrets_is_shown_as_it_is) {
    EXPECT_EQ(shown_name("rtsp://robot/stream"), "rtsp://robot/stream");
    EXPECT_EQ(shown_name("http://[::1]:8080/a/b.mjpg"), "http://[::1]:8080/a/b.mjpg");
}

TEST(shown_name_test, user_password_query_and_fragment_are_left_out) {
    EXPECT_EQ(shown_name("rtsp://admin:sesame@robot:554/stream"), "rtsp://robot:554/stream");
    EXPECT_EQ(shown_name("rtsp://admin@robot/stream"), "rtsp://robot/stream");
    EXPECT_EQ(shown_name("rtsp://admin:s@me@robot/"), "rtsp://robot/");
    EXPECT_EQ(shown_name("http://robot/video?user=admin&password=sesame"), "http://robot/video");
    EXPECT_EQ(shown_name("http://robot?token=sesame"), "http://robot");
    EXPECT_EQ(shown_name("http://robot/#sesame"), "http://robot/");
}

TEST(shown_name_test, where_a_password_ends_is_never_guessed) {
    for (const auto* name : {"rtsp://admin:ses/ame@robot/x", "rtsp://admin:ses?ame@robot/x", "rtsp://admin:ses#ame@robot/x",
                             "rtsp://admin:ses ame@robot/x", "rtsp://admin:a://ses@robot/x", "http://robot/x?sesame@robot",
                             "rtsp://a@ses/ame@robot"}) {
        const auto shown = shown_name(name);
        EXPECT_EQ(shown.find("ses"), shown.npos) << shown;
        EXPECT_EQ(shown.find("ame@"), shown.npos) << shown;
    }
}

TEST(shown_name_test, a_url_in_the_middle_of_a_text_is_found) {
    EXPECT_EQ(shown_name("ffmpeg -i 'rtsp://admin:sesame@robot/x?key=1' -f mjpeg"), "ffmpeg -i 'rtsp://robot/x' -f mjpeg");
    EXPECT_EQ(shown_name("a://b?c d://e#f g"), "a://b d://e g");
}

}  // namespace
}  // namespace streamhost::video
