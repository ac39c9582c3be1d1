#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace streamhost::test {

/// A picture that `numbered.notes` has seen.
struct frame_line {
    int number = -1;
    std::string hash;
    std::int64_t age_us = 0;
};

/// The pictures in a file of `numbered.notes`, without its `end`.
std::vector<frame_line> read_frame_lines(const std::filesystem::path& file);

/// How many pictures are there.
std::size_t count_frames(const std::filesystem::path& file);

/// Whether `numbered.notes` has written its `end`.
bool frames_ended(const std::filesystem::path& file);

/// "" where each picture's number follows on the one before, else the first place where it does not.
std::string first_gap(const std::vector<frame_line>& frames, int modulo = 65536);

}  // namespace streamhost::test
