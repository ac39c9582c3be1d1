#include "window_pump.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace streamhost::video {

std::uint64_t window_pump::add(std::string title, mailbox<window_event>::writer events) {
    const std::lock_guard lock(mutex_);
    const auto taken = [this](const std::string& name) {
        return std::ranges::any_of(all_, [&](const auto& each) { return each.second.title == name; });
    };
    auto unused = title;
    for (int number = 2; taken(unused); ++number) unused = fmt::format("{} ({})", title, number);
    const auto id = next_id_++;
    all_.emplace(id, window{.title = std::move(unused), .events = std::move(events), .next = std::nullopt});
    return id;
}

bool window_pump::show(std::uint64_t id, video_frame picture) {
    bool replaced = false;
    {
        const std::lock_guard lock(mutex_);
        auto& next = all_.at(id).next;
        replaced = next.has_value();
        next = std::move(picture);
    }
    turn();
    return replaced;
}

void window_pump::close(std::uint64_t id) {
    {
        const std::lock_guard lock(mutex_);
        all_.at(id).closing = true;
    }
    turn();
}

void window_pump::turn() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(turn_asked_, true)) return;
    }
    on_main_([self = shared_from_this()] { self->run_turn(); });
}

void window_pump::run_turn() {
    auto tasks = take_tasks();
    try {
        for (auto& each : tasks) perform(each);
        if (windows_) take_events(tasks);
    } catch (const std::exception& e) {
        fail(tasks, e.what());
    }
    remove_closed();
}

std::vector<window_pump::task> window_pump::take_tasks() {
    const std::lock_guard lock(mutex_);
    turn_asked_ = false;
    std::vector<task> tasks;
    for (auto& [id, each] : all_) tasks.push_back({&each, std::exchange(each.next, std::nullopt), each.closing});
    return tasks;
}

void window_pump::perform(task& each) {
    auto& about = *each.about;
    if (each.close) {
        if (std::exchange(about.shown, false)) windows_->close(about.title);
    } else if (each.picture && !about.over) {
        if (!windows_) windows_ = make_();
        windows_->show(about.title, *each.picture);
        about.shown = true;
    }
}

void window_pump::take_events(const std::vector<task>& tasks) {
    const auto key = windows_->handle_events();
    for (const auto& each : tasks) {
        auto& about = *each.about;
        if (!about.shown || about.over) continue;
        const bool open = windows_->is_open(about.title);
        if (open && key != 'q') continue;
        about.over = true;
        about.events.offer({open ? window_event::kind::quit : window_event::kind::closed});
    }
}

void window_pump::fail(const std::vector<task>& tasks, const std::string& text) {
    for (const auto& each : tasks) {
        if (!std::exchange(each.about->over, true)) each.about->events.offer({window_event::kind::failed, text});
    }
}

void window_pump::remove_closed() {
    const std::lock_guard lock(mutex_);
    // One that was closed after this turn began is still shown; the next turn, which was asked for, closes it.
    std::erase_if(all_, [](const auto& each) { return each.second.closing && !each.second.shown; });
}

}  // namespace streamhost::video
