#include "tutorial_program.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <stdexcept>

namespace streamhost::test {
namespace {

/// The one that the system's OpenCV belongs to, whatever else comes first in PATH.
constexpr const char* system_python = "/usr/bin/python3";

/// Where mkmedia.py and run.py look for the media.
std::filesystem::path work_folder() { return STREAMHOST_TUTORIAL_WORK; }

std::vector<std::string> with_port(std::uint16_t port, const std::vector<std::string>& arguments) {
    std::vector<std::string> all{"--port", std::to_string(port)};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

child_program::options python_command(const std::filesystem::path& record, std::string_view system, std::string_view role,
                                      const std::vector<std::string>& arguments) {
    tutorial_clip();  // what a server plays
    const auto script = std::filesystem::path(STREAMHOST_TUTORIALS) / "run.py";
    std::vector<std::string> command{system_python, script.string(), std::string(system), std::string(role),
                                     "--out", record.string(), "--hash", "sha256"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return {.command = std::move(command), .environment = {{"TUTORIAL_WORK", work_folder()}}};
}

/// Held by whoever makes the media, so that tests that run side by side make them once.
class media_lock {
public:
    media_lock() : file_(::open((work_folder() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
        if (file_ < 0 || ::flock(file_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + work_folder().string());
    }
    ~media_lock() { ::close(file_); }
    media_lock(const media_lock&) = delete;
    media_lock& operator=(const media_lock&) = delete;

private:
    int file_;
};

/// Runs a script that makes a file, unless it is there.
void make_once(const std::filesystem::path& file, const std::filesystem::path& script,
               const std::vector<std::string>& arguments) {
    std::filesystem::create_directories(work_folder());
    const media_lock lock;
    const auto done = file.string() + ".done";
    if (std::filesystem::exists(done)) return;
    const scratch_folder folder;
    std::vector<std::string> command{system_python, script.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    constexpr auto encoding_limit = std::chrono::minutes(5);  // of ten seconds of video, on a machine that is busy
    const auto result = run_program(
        folder, {.command = std::move(command), .environment = {{"TUTORIAL_WORK", work_folder()}}}, encoding_limit);
    if (result.end != exits_with(0)) throw std::runtime_error(script.string() + " failed: " + result.log);
    std::filesystem::copy_file(file, done);  // what was not finished is made again
}

}  // namespace

tutorial_program::tutorial_program(scratch_folder& folder, std::string name, std::string_view system,
                                   std::string_view role, std::uint16_t port, const std::vector<std::string>& arguments)
    : tutorial_program(folder, std::move(name), system, role, with_port(port, arguments)) {}

tutorial_program::tutorial_program(scratch_folder& folder, std::string name, std::string_view system,
                                   std::string_view role, const std::vector<std::string>& arguments)
    : child_program(folder, name, python_command(folder.make_folder(name + ".record"), system, role, arguments)),
      record_(folder / (name + ".record")) {}

std::size_t tutorial_program::count_shown() const { return read_lines(record_ / "frames.jsonl").size(); }

std::vector<shown_frame> tutorial_program::shown() const {
    std::vector<shown_frame> frames;
    for (const auto& line : read_lines(record_ / "frames.jsonl")) {
        const auto value = boost::json::parse(line);
        shown_frame frame;
        if (const auto* number = value.as_object().if_contains("n")) frame.number = static_cast<int>(number->as_int64());
        if (const auto* hash = value.as_object().if_contains("sha256")) frame.hash = hash->as_string();
        frame.window = value.at("win").as_string();
        frames.push_back(std::move(frame));
    }
    return frames;
}

std::vector<shown_frame> tutorial_program::shown_in(std::string_view part) const {
    auto frames = shown();
    std::erase_if(frames, [&](const shown_frame& frame) { return frame.window.find(part) == frame.window.npos; });
    return frames;
}

std::filesystem::path tutorial_clip() {
    const auto clip = work_folder() / "media" / "clip.mp4";
    make_once(clip, std::filesystem::path(STREAMHOST_TUTORIALS) / "mkmedia.py", {});
    return clip;
}

std::filesystem::path tutorial_sound() {
    tutorial_clip();  // made by the same run
    return work_folder() / "media" / "sweep.wav";
}

std::map<int, std::string> tutorial_clip_hashes(int width) {
    const auto clip = tutorial_clip();
    const auto list = work_folder() / ("clip-" + std::to_string(width) + ".sha256");
    make_once(list, STREAMHOST_CLIP_HASHES, {clip.string(), list.string(), std::to_string(width)});
    std::map<int, std::string> hashes;
    for (const auto& line : read_lines(list)) {
        int number = -1;
        std::string hash;
        std::istringstream(line) >> number >> hash;
        hashes[number] = hash;
    }
    return hashes;
}

}  // namespace streamhost::test
