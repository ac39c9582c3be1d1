#include "display_probe.hpp"

#include "../temporary_folder.hpp"
#include "x_server.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

namespace streamhost::video {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class display_probe_test : public ::testing::Test {
protected:
    display_probe_test() {
        for (const auto* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XAUTHORITY"}) ::unsetenv(name);
    }
};

TEST_F(display_probe_test, without_display_there_is_none) {
    EXPECT_THAT(probe_display().missing, HasSubstr("DISPLAY is not set"));
    ::setenv("DISPLAY", "", 1);
    EXPECT_THAT(probe_display().missing, HasSubstr("DISPLAY is not set"));
}

TEST_F(display_probe_test, wayland_alone_is_not_enough) {
    ::setenv("WAYLAND_DISPLAY", "wayland-0", 1);
    EXPECT_THAT(probe_display().missing, HasSubstr("Xwayland"));
}

TEST_F(display_probe_test, a_platform_that_draws_into_memory_needs_none) {
    ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    EXPECT_THAT(probe_display().missing, IsEmpty());
}

TEST_F(display_probe_test, a_display_counts_while_its_server_lives) {
    test::x_server server(64, 64);
    ::setenv("DISPLAY", server.display().c_str(), 1);
    EXPECT_THAT(probe_display().missing, IsEmpty());
    server.stop();
    EXPECT_THAT(probe_display().missing, HasSubstr(server.display()));
}

TEST_F(display_probe_test, nonsense_is_no_display) {
    for (const auto* name : {"nonsense", ":", ":99999", "/tmp", ":-1"}) {
        ::setenv("DISPLAY", name, 1);
        EXPECT_THAT(probe_display().missing, HasSubstr(name));
    }
}

/// A server's file of permissions: of any address, for any display, one of the kind MIT-MAGIC-COOKIE-1.
std::string permission(char secret) {
    const auto field = [](const std::string& text) {
        return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)} + text;
    };
    return std::string("\xff\xff", 2) + field("") + field("") + field("MIT-MAGIC-COOKIE-1") + field(std::string(16, secret));
}

TEST_F(display_probe_test, a_server_that_does_not_let_us_in_is_no_display) {
    const test::temporary_folder folder;
    std::ofstream(folder / "right", std::ios::binary) << permission('r');
    std::ofstream(folder / "wrong", std::ios::binary) << permission('w');
    test::x_server server(64, 64, folder / "right");
    ::setenv("DISPLAY", server.display().c_str(), 1);
    ::setenv("XAUTHORITY", (folder / "wrong").c_str(), 1);
    EXPECT_THAT(probe_display().missing, HasSubstr("does not let us in"));
    ::setenv("XAUTHORITY", (folder / "right").c_str(), 1);
    EXPECT_THAT(probe_display().missing, IsEmpty());
}

}  // namespace
}  // namespace streamhost::video
