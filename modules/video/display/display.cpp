#include "display.hpp"

#include "first_picture.hpp"
#include "highgui_windows.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;

/// Keys and the mouse are looked at so often; pictures are shown when they come.
constexpr auto window_period = 20ms;
constexpr auto report_period = 1s;
/// Without windows: how soon the end of the pictures is noticed.
constexpr auto tend_period = 100ms;
/// How long the window may take to close.
constexpr auto closing_limit = 1s;

std::string in_milliseconds(duration age) {
    const auto ms = std::chrono::duration<double, std::milli>(age).count();
    return fmt::format("{:.{}f} ms", ms, ms < 10 ? 1 : 0);
}

display_machine this_machine() {
    return {&probe_display, [] { return std::make_unique<highgui_windows>(); }};
}

}  // namespace

module_info display::describe() { return describe_as<display>(); }

display::display(module_context& host, display_settings chosen) : display(host, std::move(chosen), this_machine()) {}

display::display(module_context& host, display_settings chosen, display_machine machine)
    : host_(host),
      chosen_(std::move(chosen)),
      machine_(std::move(machine)),
      frames_(host.input<video_frame>("frames")),
      count_received_(host.metric("pictures_received", "pictures that came")),
      count_replaced_(host.metric("pictures_replaced", "pictures that a newer one replaced before the window drew them")) {}

display::~display() {
    if (pump_) pump_->close(window_id_);
}

awaitable<void> display::prepare() {
    if (!chosen_.snapshot.empty()) check_writable(chosen_.snapshot);
    probe_ = co_await host_.blocking(machine_.probe);
    if (probe_.missing.empty()) {
        co_await open_window();
        co_return;
    }
    if (chosen_.headless == headless::refuse) {
        throw configuration_error(fmt::format(
            "no display: {}; run it from a desktop, or set \"headless\": \"auto\" to count the pictures instead", probe_.missing));
    }
    host_.set_condition(fmt::format("no display: {}; pictures are counted", probe_.missing));
}

awaitable<void> display::open_window() {
    const executor lane = co_await asio::this_coro::executor;
    pump_ = host_.shared<window_pump>([this] {
        auto on_main = [host = &host_](std::function<void()> work) { host->on_main(std::move(work)); };
        return std::make_shared<window_pump>(std::move(on_main), machine_.make_windows);
    });
    events_.emplace(lane, [this] { window_changed_.set(); });
    window_id_ = pump_->add(chosen_.title.empty() ? host_.name() : chosen_.title, events_->make_writer());
    window_ = window_state::open;
}

awaitable<void> display::run() {
    host_.spawn(tend());
    for (;;) {
        auto picture = co_await frames_.next();
        if (!picture) break;
        co_await take(std::move(picture));
    }
    ending_ = true;
    co_await close_window();
}

awaitable<void> display::tend() {
    const bool windowed = pump_ != nullptr;
    auto beat = host_.every(windowed ? duration(window_period) : duration(tend_period));
    auto report_due = host_.clock().now() + report_period;
    for (;;) {
        const bool go_on = co_await beat.next();
        if (!go_on || ending_) co_return;
        if (windowed) {
            take_window_event();
            pump_->turn();
        } else if (host_.clock().now() >= report_due) {
            report_due += report_period;
            report();
        }
    }
}

awaitable<void> display::take(message<video_frame> picture) {
    const auto now = host_.clock().now();
    meter_.add(now);
    width_ = picture->width;
    height_ = picture->height;
    age_ = picture.header().age_ns(now.time_since_epoch().count());
    uncertainty_ = duration(picture.header().uncertainty_ns);
    if (!std::exchange(any_, true) && !chosen_.snapshot.empty()) {
        auto write = [&] { return write_jpeg(*picture, chosen_.snapshot); };
        const auto problem = co_await host_.blocking(std::move(write));
        if (problem.empty()) {
            host_.log().info("the first picture is in {}", chosen_.snapshot);
        } else {
            host_.log().warn("snapshot {}: {}", chosen_.snapshot, problem);
        }
    }
    count_received_.add();
    if (window_ != window_state::open) co_return;
    auto shown = *picture;
    if (chosen_.overlay) {
        auto draw = [&] { return overlay_.drawn(*picture, caption()); };
        shown = co_await host_.blocking(std::move(draw));
    }
    if (pump_->show(window_id_, std::move(shown))) count_replaced_.add();
}

void display::take_window_event() {
    const auto happened = events_->take();
    if (!happened) return;
    if (happened->what == window_event::kind::failed) throw std::runtime_error("the window: " + happened->text);
    const auto reason = happened->what == window_event::kind::quit ? "`q` was pressed" : "the window was closed";
    window_ = window_state::hidden;
    if (chosen_.on_close == on_close::drain) {
        host_.stop_host(reason);
    } else {
        host_.log().info("{}: the pictures go on unseen", reason);
    }
}

awaitable<void> display::close_window() {
    if (!pump_) co_return;
    std::exchange(pump_, nullptr)->close(window_id_);
    timer deadline(host_.timers());
    const auto limit = host_.clock().now() + closing_limit;
    deadline.start(limit, [this] { window_changed_.set(); });
    while (!events_->ended() && host_.clock().now() < limit) co_await window_changed_.wait();
}

std::string display::caption() {
    auto text = fmt::format("{:.1f} fps", meter_.rate(host_.clock().now()));
    if (age_) text += "  " + in_milliseconds(duration(*age_));
    return text;
}

void display::report() {
    const auto count = count_received_.value();
    const bool news = std::exchange(reported_, count) != count;
    if (news) {
        auto age = age_ ? in_milliseconds(duration(*age_)) + " old" : std::string("of unknown age");
        if (age_ && uncertainty_ > duration::zero()) age += fmt::format(" (give or take {})", in_milliseconds(uncertainty_));
        host_.log().info("{:.1f} fps, {}x{}, {}", meter_.rate(host_.clock().now()), width_, height_, age);
    } else if (count > 0 && !stalled_) {
        host_.log().info("no new picture");
    }
    stalled_ = !news;
}

}  // namespace streamhost::video
