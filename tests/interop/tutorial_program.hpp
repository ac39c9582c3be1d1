#pragma once

#include "support/child_program.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::test {

/// A picture that one of the Python programs has shown, or was about to.
struct shown_frame {
    int number = -1;   ///< in the clip; -1 where the picture shows none
    std::string hash;  ///< SHA-256 of the pixels; empty for what was no picture
    std::string window;
};

/// One of the original Python programs (`STREAMHOST_TUTORIALS`), without a window: what it would show is recorded. It
/// gets a subfolder of the test's folder for what it writes.
class tutorial_program : public child_program {
public:
    /// `system` and `role` as run.py takes them: "2", "server". `arguments`: "--cam", "loop".
    tutorial_program(scratch_folder& folder, std::string name, std::string_view system, std::string_view role,
                     std::uint16_t port, const std::vector<std::string>& arguments = {});
    /// Without a port, at the addresses that it has by itself or in `arguments`.
    tutorial_program(scratch_folder& folder, std::string name, std::string_view system, std::string_view role,
                     const std::vector<std::string>& arguments = {});

    std::vector<shown_frame> shown() const;
    std::size_t count_shown() const;
    /// In the windows whose name has `part` in it.
    std::vector<shown_frame> shown_in(std::string_view part) const;

    /// The bytes that it has given to its sound device.
    std::string played() const { return read_file(record_ / "audio_written.pcm"); }

    /// What it has printed: prompts, and the traceback that it died with.
    std::string printed() const { return read_file(record_ / "stdout.log"); }

private:
    std::filesystem::path record_;
};

/// The clip that the Python programs play: 300 pictures of 640x480, 30 a second, each with its number. Made on first
/// use, for all tests of the build.
std::filesystem::path tutorial_clip();
constexpr int clip_length = 300;

/// Fails where a picture is none of the clip's, comes twice or late. One may be lost.
template <class Frames>
void expect_clip_in_order(const Frames& frames) {
    int before = -1;
    for (const auto& each : frames) {
        ASSERT_GE(each.number, 0) << "the one behind " << before << " shows no number";
        const int step = (each.number - before + clip_length) % clip_length;
        ASSERT_TRUE(before < 0 || (step >= 1 && step <= clip_length / 2)) << each.number << " behind " << before;
        before = each.number;
    }
}

/// The sound that the Python server plays: 10 s of 44100 Hz, stereo, 16 bits. Made on first use.
std::filesystem::path tutorial_sound();

/// The SHA-256 of the clip's decoded pictures by their numbers, as OpenCV for Python decodes them and, where a `width`
/// is given, makes them smaller.
std::map<int, std::string> tutorial_clip_hashes(int width = 0);

}  // namespace streamhost::test
