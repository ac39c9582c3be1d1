#include "frame_notes.hpp"

#include "bar_code.hpp"
#include "sha256.hpp"
#include "stamp_bar.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace streamhost::test {

module_info frame_notes::describe() {
    return streamhost::describe<frame_notes, frame_notes_settings>("numbered.notes", "Notes pictures in a file")
        .setting("file", &frame_notes_settings::file, "gets a line for each").required().exclusive()
        .setting("hash", &frame_notes_settings::hash, "false: a dash in place of the hash")
        .input<video_frame>("frames", "the pictures");
}

frame_notes::frame_notes(module_context& host, frame_notes_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      frames_(host.input<video_frame>("frames")),
      file_(::open(chosen_.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (file_ < 0) throw configuration_error("cannot write " + chosen_.file);
}

frame_notes::~frame_notes() { ::close(file_); }

void frame_notes::note(const std::string& line) const {
    // One write, so that a reader never sees half a line of a program that was killed.
    if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error("cannot write " + chosen_.file);
    }
}

awaitable<void> frame_notes::run() {
    for (;;) {
        const auto frame = co_await frames_.next();
        if (!frame) break;
        const auto age_us = age_by_stamp_bar(*frame, host_.clock().steady_ns());
        const auto number = video::read_bar_code(*frame);
        const auto hash = chosen_.hash ? sha256(frame->pixels.span()) : std::string("-");
        note(fmt::format("{} {} {}\n", number ? *number : -1, hash, age_us));
    }
    note("end\n");
}

}  // namespace streamhost::test
