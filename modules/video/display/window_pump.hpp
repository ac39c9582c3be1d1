#pragma once

#include "window_system.hpp"

#include <streamhost/mailbox.hpp>
#include <streamhost/media.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace streamhost::video {

/// What happened to a window.
struct window_event {
    enum class kind : std::uint8_t {
        closed,  ///< by the user
        quit,    ///< `q` was pressed, in whichever window
        failed,  ///< the window system has thrown `text`
    };
    kind what = kind::closed;
    std::string text{};
};

/// Takes the windows of all instances of a host to the main thread and keeps them alive there: one for all, because a
/// window system bears only one thread. Any thread, and the pump outlives its turns.
class window_pump : public std::enable_shared_from_this<window_pump> {
public:
    using run_on_main = std::function<void(std::function<void()>)>;
    using make_windows = std::function<std::unique_ptr<window_system>()>;

    /// `make` is called on the main thread, when the first picture is to be shown.
    window_pump(run_on_main on_main, make_windows make) : on_main_(std::move(on_main)), make_(std::move(make)) {}

    /// A window that opens with its first picture; events of it go to `events`. A title that another window has gets a
    /// number.
    std::uint64_t add(std::string title, mailbox<window_event>::writer events);

    /// The newest picture is what counts. True where it replaces one that was not shown yet.
    bool show(std::uint64_t window, video_frame picture);

    /// When that is done, the writer of the window's events is destroyed.
    void close(std::uint64_t window);

    /// Asks for a turn on the main thread; to be called some dozen times a second, so that the windows react.
    void turn();

private:
    /// Removed by the main thread only, which may therefore refer to one without the lock.
    struct window {
        std::string title;
        mailbox<window_event>::writer events;  // main thread only
        bool shown = false;                    // main thread only: it is there, as far as we know
        bool over = false;                     // main thread only: closed by the user, or failed
        std::optional<video_frame> next;       // locked
        bool closing = false;                  // locked
    };

    /// What one turn has to do with a window.
    struct task {
        window* about;
        std::optional<video_frame> picture;
        bool close;
    };

    void run_turn();
    std::vector<task> take_tasks();
    void perform(task& each);
    void take_events(const std::vector<task>& tasks);
    static void fail(const std::vector<task>& tasks, const std::string& text);
    void remove_closed();

    run_on_main on_main_;
    make_windows make_;
    std::unique_ptr<window_system> windows_;  // main thread only
    std::mutex mutex_;
    std::map<std::uint64_t, window> all_;
    std::uint64_t next_id_ = 1;
    bool turn_asked_ = false;
};

}  // namespace streamhost::video
