#pragma once

#include "picture_feed.hpp"
#include "signal_card.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::video {

struct capture_settings {
    source_setting source = std::string("auto");
    int width = 0;
    int height = 0;
    double fps = 0;
    bool loop = false;
    flip flipped = flip::none;
    int rotate = 0;
};

/// Pictures of a camera, a file or a URL. A camera or a URL that is not there is a state, shown as a picture that says
/// so; a file that is not there fails the start.
class capture : public module {
public:
    static module_info describe();
    /// The same description for a class that derives from this one.
    template <class Module>
    static module_info describe_as();
    static void check(const capture_settings& chosen);

    capture(module_context& host, capture_settings chosen);
    /// With sources of a test's own.
    capture(module_context& host, capture_settings chosen, std::unique_ptr<picture_sources> sources);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    enum class search_result : std::uint8_t { found, nothing, draining };
    enum class outcome : std::uint8_t { ended, lost, draining };

    /// A feed that did not end when it was asked to.
    struct hanging_feed {
        std::string name;
        std::unique_ptr<picture_feed> feed;
    };

    bool automatic() const noexcept { return target_.kind == source_kind::automatic; }
    source_request request_for(const std::string& name) const;

    awaitable<search_result> find_source();
    awaitable<bool> try_source(std::string name);
    awaitable<void> start_feed(std::string name);
    awaitable<void> retire_feed();
    bool hangs(const std::string& name);

    awaitable<outcome> play();
    awaitable<outcome> play_live();
    awaitable<outcome> play_paced();
    awaitable<void> play_test_pattern();
    awaitable<void> send(source_picture picture, bool stamp_as_taken);

    awaitable<std::optional<source_event>> next_event(steady_time until);
    awaitable<void> wait_until(steady_time until);
    awaitable<void> wait_for_change(steady_time until);
    awaitable<void> send_signal_card();
    void begin_silence();
    void end_silence();
    void log_source(const source_picture& picture);

    module_context& host_;
    capture_settings chosen_;
    source_target target_;
    output<video_frame> frames_;
    output<encoded_image> images_;
    counter& count_replaced_;
    counter& count_thinned_;
    counter& count_damaged_;
    std::unique_ptr<picture_sources> sources_;
    signal_card card_;

    event changed_;                  // of the feed, the drain or a timer
    std::unique_ptr<picture_feed> feed_;
    std::string feed_name_;          // for people only by shown_name()
    std::optional<source_picture> first_;  // of the feed: read to see that it works, sent by play()
    std::vector<hanging_feed> hanging_;
    std::string problem_;            // why there is no signal
    std::string usual_condition_;    // while there is one
    bool no_signal_ = false;
    bool had_camera_ = false;        // from then on `auto` waits for cameras
    steady_time card_due_ = steady_time::max();
    duration retry_delay_;
};

template <class Module>
module_info capture::describe_as() {
    return streamhost::describe<Module, capture_settings>("video.capture", "Pictures of a camera, a file or a URL")
        .setting("source", &capture_settings::source,
                 "`auto` (the first camera that works, else the test pattern), a camera (`/dev/video0` or 0), a file, a "
                 "URL, or a sequence of pictures (`img%03d.png`)")
        .setting("width", &capture_settings::width, "of the pictures, keeps the aspect; 0: as they come")
            .range(0, 4096).unit("pixels")
        .setting("height", &capture_settings::height, "asked of a camera along with `width`; 0: to 4:3")
            .range(0, 4096).unit("pixels")
        .setting("fps", &capture_settings::fps, "pictures a second at most: a faster source is thinned out; 0: its own rate").range(0, 240)
        .setting("loop", &capture_settings::loop, "a file starts again at its end")
        .setting("flip", &capture_settings::flipped, "mirrors `frames`, before they are rotated")
            .one_of({{"none", flip::none},
                     {"horizontal", flip::horizontal},
                     {"vertical", flip::vertical},
                     {"both", flip::both}})
        .setting("rotate", &capture_settings::rotate, "turns `frames` clockwise: 0, 90, 180 or 270")
            .range(0, 270).unit("degrees")
        .template output<video_frame>("frames", "raw pictures; decoded only when linked")
        .template output<encoded_image>("images", "the camera's own JPEG, where it gives one")
        .capture();
}

}  // namespace streamhost::video
