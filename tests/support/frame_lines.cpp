#include "support/frame_lines.hpp"

#include "support/scratch_folder.hpp"

#include <sstream>

namespace streamhost::test {

std::vector<frame_line> read_frame_lines(const std::filesystem::path& file) {
    std::vector<frame_line> frames;
    for (const auto& line : read_lines(file)) {
        if (line == "end") continue;
        frame_line frame;
        std::istringstream(line) >> frame.number >> frame.hash >> frame.age_us;
        frames.push_back(std::move(frame));
    }
    return frames;
}

std::size_t count_frames(const std::filesystem::path& file) {
    std::size_t count = 0;
    for (const auto& line : read_lines(file)) count += line == "end" ? 0 : 1;
    return count;
}

bool frames_ended(const std::filesystem::path& file) {
    const auto lines = read_lines(file);
    return !lines.empty() && lines.back() == "end";
}

std::string first_gap(const std::vector<frame_line>& frames, int modulo) {
    for (std::size_t i = 1; i < frames.size(); ++i) {
        if (frames[i].number == (frames[i - 1].number + 1) % modulo) continue;
        return "after " + std::to_string(frames[i - 1].number) + " (the " + std::to_string(i) + "th) came " +
               std::to_string(frames[i].number);
    }
    return {};
}

}  // namespace streamhost::test
