#include "capture.hpp"

#include "frame_pacer.hpp"
#include "jpeg_encoder.hpp"
#include "machine_sources.hpp"
#include "opencv_quiet.hpp"
#include "shown_name.hpp"
#include "test_pattern.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;

/// A source that is silent for so long has no signal: the picture that says so is there within 2 s.
constexpr auto silence_limit = 1800ms;
constexpr auto card_period = 1s;
/// How long `auto` waits for the first picture of one camera.
constexpr auto probe_limit = 2s;
constexpr duration first_retry = 1s;
constexpr duration longest_retry = 30s;
/// How long a source may take to end; then it is left alone.
constexpr auto ending_limit = 1s;

constexpr double usual_rate = 25;
constexpr double pattern_rate = 30;

constexpr const char* card_title = "NO SIGNAL";

duration period_of(double rate) {
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(1 / rate));
}

std::string in_words(const source_failure& failure) {
    return failure.remedy.empty() ? failure.reason : fmt::format("{}: {}", failure.reason, failure.remedy);
}

}  // namespace

module_info capture::describe() { return describe_as<capture>(); }

void capture::check(const capture_settings& chosen) {
    if (chosen.rotate % 90 != 0) {
        throw setting_error("rotate", fmt::format("expected 0, 90, 180 or 270, got {}", chosen.rotate));
    }
    const auto* number = std::get_if<std::int64_t>(&chosen.source);
    if (number != nullptr && *number < 0) {
        throw setting_error("source", fmt::format("expected the number of a camera, got {}", *number));
    }
    if (number == nullptr && std::get<std::string>(chosen.source).empty()) {
        throw setting_error("source", "expected \"auto\", a camera, a file or a URL, got nothing");
    }
    if (chosen.height > 0 && chosen.width == 0) {
        throw setting_error("height", "expected a `width` beside it: `height` is asked of a camera along with it");
    }
}

capture::capture(module_context& host, capture_settings chosen)
    : capture(host, std::move(chosen), std::make_unique<machine_sources>()) {
    if (!host.log().enabled(log_level::debug)) quieten_opencv();
}

capture::capture(module_context& host, capture_settings chosen, std::unique_ptr<picture_sources> sources)
    : host_(host),
      chosen_(std::move(chosen)),
      target_(target_of(chosen_.source)),
      frames_(host.output<video_frame>("frames")),
      images_(host.output<encoded_image>("images")),
      count_replaced_(host.metric("pictures_replaced", "pictures that a newer one replaced before they were sent")),
      count_thinned_(host.metric("pictures_thinned", "pictures left out because `fps` is lower than the source's rate")),
      count_damaged_(host.metric("pictures_damaged", "pictures left out because the source delivered them broken")),
      sources_(std::move(sources)),
      retry_delay_(first_retry) {
    const int width = chosen_.width > 0 ? chosen_.width : 640;
    card_.set_size(width, width * 3 / 4);
    if (images_.linked() && (chosen_.flipped != flip::none || chosen_.rotate != 0)) {
        host_.log().warn("`flip` and `rotate` change `frames` only: `images` are the camera's own");
    }
}

source_request capture::request_for(const std::string& name) const {
    source_request request;
    request.target = {automatic() ? source_kind::device : target_.kind, name};
    request.width = chosen_.width;
    request.height = chosen_.height;
    request.fps = chosen_.fps;
    request.loop = chosen_.loop;
    request.shape = {chosen_.flipped, static_cast<rotation>(chosen_.rotate), chosen_.width};
    request.frames = frames_.linked();
    request.images = images_.linked();
    return request;
}

awaitable<void> capture::prepare() {
    if (target_.kind != source_kind::file) co_return;
    const drain_state::watch on_drain(host_.drain(), [this] { changed_.set(); });
    co_await start_feed(target_.name);
    auto event = co_await next_event(steady_time::max());
    if (!event) co_return;
    if (auto* picture = std::get_if<source_picture>(&*event)) {
        first_ = std::move(*picture);
        co_return;
    }
    const auto* failure = std::get_if<source_failure>(&*event);
    throw configuration_error(
        fmt::format("source {}: {}", shown_name(target_.name), failure != nullptr ? in_words(*failure) : "holds no pictures"));
}

awaitable<void> capture::run() {
    const drain_state::watch on_drain(host_.drain(), [this] { changed_.set(); });
    while (!host_.draining()) {
        if (!first_) {
            const auto found = co_await find_source();
            if (found == search_result::nothing) co_await play_test_pattern();
            if (found != search_result::found) break;
        }
        const auto ending = co_await play();
        co_await retire_feed();
        if (ending != outcome::lost) break;
        if (target_.kind == source_kind::file) {
            throw std::runtime_error(fmt::format("{}: {}", shown_name(target_.name), problem_));
        }
        begin_silence();
        co_await wait_until(host_.clock().now() + first_retry);
    }
    co_await retire_feed();
}

awaitable<capture::search_result> capture::find_source() {
    if (card_due_ == steady_time::max()) card_due_ = host_.clock().now() + silence_limit;
    for (;;) {
        std::vector<std::string> names{target_.name};
        if (automatic()) names = sources_->cameras();
        std::vector<std::string> problems;
        for (const auto& name : names) {
            const bool found = co_await try_source(name);
            if (found) co_return search_result::found;
            if (host_.draining()) co_return search_result::draining;
            problems.push_back(fmt::format("{}: {}", shown_name(name), problem_));
        }
        if (automatic()) problem_ = problems.empty() ? "no camera is connected" : fmt::format("{}", fmt::join(problems, "; "));
        if (automatic() && !had_camera_) co_return search_result::nothing;
        begin_silence();
        co_await wait_until(host_.clock().now() + retry_delay_);
        if (host_.draining()) co_return search_result::draining;
        retry_delay_ = std::min(retry_delay_ * 2, longest_retry);
    }
}

awaitable<bool> capture::try_source(std::string name) {
    if (hangs(name)) {
        problem_ = "an earlier read of it still hangs";
        co_return false;
    }
    if (!no_signal_) problem_ = "no answer yet";
    co_await start_feed(std::move(name));
    const auto limit = automatic() ? host_.clock().now() + probe_limit : steady_time::max();
    auto event = co_await next_event(limit);
    if (!event) {
        problem_ = "no picture within 2 s";
    } else if (auto* picture = std::get_if<source_picture>(&*event)) {
        first_ = std::move(*picture);
        co_return true;
    } else {
        const auto* failure = std::get_if<source_failure>(&*event);
        problem_ = failure != nullptr ? in_words(*failure) : "it holds no pictures";
    }
    co_await retire_feed();
    co_return false;
}

awaitable<void> capture::start_feed(std::string name) {
    const executor lane = co_await asio::this_coro::executor;
    feed_ = sources_->start(request_for(name), lane, [this] { changed_.set(); });
    feed_name_ = std::move(name);
}

awaitable<void> capture::retire_feed() {
    if (!feed_) co_return;
    feed_->stop();
    const auto limit = host_.clock().now() + ending_limit;
    while (!feed_->ended() && host_.clock().now() < limit) co_await wait_for_change(limit);
    if (!feed_->ended()) {
        host_.log().warn("{} hangs in a call and is left alone", shown_name(feed_name_));
        hanging_.push_back({feed_name_, std::move(feed_)});
    }
    feed_.reset();
}

bool capture::hangs(const std::string& name) {
    std::erase_if(hanging_, [](const hanging_feed& each) { return each.feed->ended(); });
    return std::ranges::any_of(hanging_, [&](const hanging_feed& each) { return each.name == name; });
}

awaitable<capture::outcome> capture::play() {
    const auto info = first_->from;
    retry_delay_ = first_retry;
    had_camera_ = had_camera_ || automatic();
    no_signal_ = false;
    usual_condition_.clear();
    if (images_.linked() && !info->gives_images) {
        usual_condition_ = fmt::format("{} gives no JPEG of its own: `images` stays empty, put video.encode behind `frames`",
                                       info->name);
    }
    log_source(*first_);
    if (info->live) {
        const auto ending = co_await play_live();
        co_return ending;
    }
    const auto ending = co_await play_paced();
    co_return ending;
}

awaitable<capture::outcome> capture::play_live() {
    frame_pacer pacer(chosen_.fps);
    for (;;) {
        auto picture = std::exchange(first_, std::nullopt);
        if (!picture) {
            auto event = co_await next_event(steady_time::max());
            if (!event) co_return outcome::draining;
            if (const auto* failure = std::get_if<source_failure>(&*event)) problem_ = in_words(*failure);
            auto* const content = std::get_if<source_picture>(&*event);
            if (content == nullptr) co_return outcome::lost;
            picture = std::move(*content);
        }
        end_silence();
        card_due_ = host_.clock().now() + silence_limit;
        if (!pacer.admit(picture->taken)) {
            count_thinned_.add();
            continue;
        }
        co_await send(std::move(*picture), true);
    }
}

awaitable<capture::outcome> capture::play_paced() {
    const double own_rate = first_->from->rate > 0 ? first_->from->rate : usual_rate;
    const auto period = period_of(own_rate);
    auto beat = host_.every(period);
    frame_pacer pacer(chosen_.fps);
    steady_time due{};  // by the file's own clock
    for (std::uint64_t count = 0;; ++count, due += period) {
        card_due_ = target_.kind == source_kind::file ? steady_time::max() : host_.clock().now() + silence_limit;
        auto picture = std::exchange(first_, std::nullopt);
        if (!picture) {
            auto event = co_await next_event(steady_time::max());
            if (!event) co_return outcome::draining;
            if (std::holds_alternative<source_end>(*event)) {
                host_.log().info("{} has ended after {} pictures", shown_name(feed_name_), count);
                co_return outcome::ended;
            }
            if (const auto* failure = std::get_if<source_failure>(&*event)) {
                problem_ = in_words(*failure);
                co_return outcome::lost;
            }
            picture = std::get<source_picture>(std::move(*event));
        }
        end_silence();
        if (pacer.admit(due)) {
            // It was read ahead: it comes into being when it is shown.
            co_await send(std::move(*picture), false);
        } else {
            count_thinned_.add();
        }
        const bool go_on = co_await beat.next();
        if (!go_on) co_return outcome::draining;
    }
}

awaitable<void> capture::play_test_pattern() {
    const int width = std::max(chosen_.width > 0 ? chosen_.width : 640, 64);
    const test_pattern pattern(width, std::max(chosen_.height > 0 ? chosen_.height : width * 3 / 4, 64));
    host_.set_condition(fmt::format("the test pattern is shown: {}", problem_));
    card_due_ = steady_time::max();
    auto beat = host_.every(period_of(chosen_.fps > 0 ? chosen_.fps : pattern_rate));
    jpeg_encoder encoder;
    for (std::uint64_t number = 0;; ++number) {
        const auto time = local_time_of_day(host_.clock().wall_ns());
        auto work = [&] {
            source_picture made;
            made.frame = pattern.draw(number, time);
            if (images_.linked()) {
                auto image = encoder.encode(*made.frame, {});
                if (image) made.image = std::move(*image);
            }
            return made;
        };
        auto picture = co_await host_.blocking(std::move(work));
        co_await send(std::move(picture), false);
        const bool go_on = co_await beat.next();
        if (!go_on) co_return;
    }
}

awaitable<void> capture::send(source_picture picture, bool stamp_as_taken) {
    count_damaged_.add(picture.damaged);
    message_header stamps;  // empty ones become those of this moment
    if (stamp_as_taken) {
        const auto age = host_.clock().now() - picture.taken;
        stamps.steady_ns = picture.taken.time_since_epoch().count();
        stamps.wall_ns = host_.clock().wall_ns() - age.count();
    }
    if (picture.frame) {
        card_.set_size(picture.frame->width, picture.frame->height);
        co_await frames_.send(std::move(*picture.frame), stamps);
    } else if (picture.image) {
        card_.set_size(picture.image->width, picture.image->height);
    }
    if (picture.image) co_await images_.send(std::move(*picture.image), stamps);
}

awaitable<std::optional<source_event>> capture::next_event(steady_time until) {
    for (;;) {
        if (feed_) {
            count_replaced_.add(feed_->take_replaced());
            if (auto event = feed_->take()) co_return event;
        }
        if (host_.draining()) co_return std::nullopt;
        if (host_.clock().now() >= card_due_) co_await send_signal_card();
        if (host_.clock().now() >= until) co_return std::nullopt;
        co_await wait_for_change(std::min(until, card_due_));
    }
}

awaitable<void> capture::wait_until(steady_time until) {
    co_await next_event(until);  // without a feed there is only the time, and the drain
}

awaitable<void> capture::wait_for_change(steady_time until) {
    timer deadline(host_.timers());
    if (until != steady_time::max()) deadline.start(until, [this] { changed_.set(); });
    co_await changed_.wait();
}

awaitable<void> capture::send_signal_card() {
    no_signal_ = true;
    card_due_ = host_.clock().now() + card_period;
    const auto subject = feed_name_.empty() ? std::string("camera") : shown_name(feed_name_);
    host_.set_condition(automatic() && !feed_ ? fmt::format("no signal: {}", problem_)
                                              : fmt::format("no signal from {}: {}", subject, problem_));
    card_.set_text(fmt::format("{}\n{}\n{}", card_title, subject, problem_.substr(0, problem_.find(':'))));
    auto work = [this] {
        source_picture made;
        if (frames_.linked()) made.frame = card_.frame();
        if (images_.linked()) made.image = card_.image();
        return made;
    };
    auto picture = co_await host_.blocking(std::move(work));
    co_await send(std::move(picture), false);
}

void capture::begin_silence() {
    if (!no_signal_) card_due_ = host_.clock().now();
}

void capture::end_silence() {
    if (no_signal_) host_.log().info("{} delivers pictures again", shown_name(feed_name_));
    no_signal_ = false;
    problem_ = "no picture arrives";
    host_.set_condition(usual_condition_);
}

void capture::log_source(const source_picture& picture) {
    std::string properties;
    if (picture.frame) {
        properties += fmt::format(", {}x{}", picture.frame->width, picture.frame->height);
    } else if (picture.image) {
        properties += fmt::format(", {}x{}", picture.image->width, picture.image->height);
    }
    if (picture.from->rate > 0) properties += fmt::format(", {:.4g} pictures a second", picture.from->rate);
    if (picture.image) properties += ", with JPEG of its own";
    host_.log().info("{}{}{}", automatic() ? "chosen: " : "", picture.from->name, properties);
}

}  // namespace streamhost::video
