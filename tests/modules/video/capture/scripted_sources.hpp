#pragma once

#include "capture.hpp"

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace streamhost::video::test {

/// One thing that a scripted source does, so long after the one before (a source that is not live does it at once).
struct step {
    duration after{};
    source_event event;
};

/// What one opening of a source brings.
struct life {
    source_info info;
    std::vector<step> steps;  ///< after the last one: silence
    bool hangs = false;       ///< does not end when asked to
};

/// What a test has its sources do, and what they saw.
struct script {
    /// Openings of each name, in order; when they are used up: "no such device".
    std::map<std::string, std::deque<life>> lives;
    std::vector<std::string> cameras;
    std::vector<std::pair<duration, std::string>> openings;  ///< when, since the start, and what
    std::vector<source_request> requests;
    int open_feeds = 0;
};

/// A gray picture that is told apart by its value.
source_picture picture(int value, int width = 8, int height = 6);
source_picture jpeg_picture(std::string bytes);
source_info camera(double rate = 30, bool gives_images = false);
source_info film(double rate);

/// `count` pictures with the values 0, 1, 2 ..., `period` apart.
std::vector<step> pictures(int count, duration period = {});
std::vector<step> operator+(std::vector<step> a, std::vector<step> b);

/// video.capture whose sources follow `script`, in virtual time.
class scripted_capture final : public capture {
public:
    static module_info describe() { return describe_as<scripted_capture>(); }
    scripted_capture(module_context& host, capture_settings chosen);

    static inline script* current = nullptr;
};

}  // namespace streamhost::video::test
