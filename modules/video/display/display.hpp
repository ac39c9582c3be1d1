#pragma once

#include "display_probe.hpp"
#include "overlay.hpp"
#include "rate_meter.hpp"
#include "window_pump.hpp"

#include <streamhost/module.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace streamhost::video {

enum class on_close : std::uint8_t { drain, hide };
enum class headless : std::uint8_t { automatic, refuse };

struct display_settings {
    std::string title;
    video::on_close on_close = video::on_close::drain;
    video::headless headless = video::headless::automatic;
    std::string snapshot;
    bool overlay = true;
};

/// What a display needs of the machine; a test gives its own.
struct display_machine {
    std::function<display_probe()> probe;  ///< may block: runs on the pool
    window_pump::make_windows make_windows;
};

/// Pictures in a window, with their measured rate and age. Without a display it counts them and says so.
class display : public module {
public:
    static module_info describe();
    /// The same description for a class that derives from this one.
    template <class Module>
    static module_info describe_as();

    display(module_context& host, display_settings chosen);
    display(module_context& host, display_settings chosen, display_machine machine);
    ~display() override;

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    enum class window_state : std::uint8_t { none, open, hidden };

    awaitable<void> open_window();
    awaitable<void> close_window();
    awaitable<void> tend();
    awaitable<void> take(message<video_frame> picture);
    void take_window_event();
    void report();
    std::string caption();

    module_context& host_;
    display_settings chosen_;
    display_machine machine_;
    input<video_frame> frames_;
    counter& count_received_;
    counter& count_replaced_;

    rate_meter meter_;
    std::optional<std::int64_t> age_;  // of the last picture in ns, where the clocks can tell
    duration uncertainty_{};           // of that
    int width_ = 0;
    int height_ = 0;
    bool any_ = false;
    bool ending_ = false;

    // With a display.
    display_probe probe_;
    std::shared_ptr<window_pump> pump_;
    std::optional<mailbox<window_event>> events_;
    event window_changed_;
    window_state window_ = window_state::none;
    std::uint64_t window_id_ = 0;
    overlay overlay_;

    // Without one.
    std::uint64_t reported_ = 0;  // pictures, at the last line
    bool stalled_ = false;
};

template <class Module>
module_info display::describe_as() {
    return streamhost::describe<Module, display_settings>("video.display", "Pictures in a window")
        .setting("title", &display_settings::title, "of the window; empty: the name of the instance")
        .setting("on_close", &display_settings::on_close,
                 "what closing the window, or `q` in one, does: `drain` ends the host, `hide` only the window")
            .one_of({{"drain", on_close::drain}, {"hide", on_close::hide}})
        .setting("headless", &display_settings::headless,
                 "without a display: `auto` counts the pictures and logs a line a second, `refuse` fails the start")
            .one_of({{"auto", headless::automatic}, {"refuse", headless::refuse}})
        .setting("snapshot", &display_settings::snapshot,
                 "a file that gets the first picture as a JPEG, with a display or without; empty: none")
        .setting("overlay", &display_settings::overlay, "draws the measured rate and the age into the pictures")
        .template input<video_frame>("frames", "what is shown");
}

}  // namespace streamhost::video
