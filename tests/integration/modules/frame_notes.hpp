#pragma once

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::test {

struct frame_notes_settings {
    std::string file;
    bool hash = true;
};

/// Notes what arrives: a line `NUMBER SHA256 AGE` for each picture, the number being -1 where the picture shows none, and
/// the age, by the stamp in the picture, in microseconds. Writes a line `end` where the pictures end.
class frame_notes final : public module {
public:
    static module_info describe();
    frame_notes(module_context& host, frame_notes_settings chosen);
    ~frame_notes() override;
    awaitable<void> run() override;

private:
    void note(const std::string& line) const;

    module_context& host_;
    frame_notes_settings chosen_;
    input<video_frame> frames_;
    int file_;
};

}  // namespace streamhost::test
