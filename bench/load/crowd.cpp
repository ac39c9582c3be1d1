#include "crowd.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>

namespace bench {
namespace {

constexpr std::int64_t ms = 1'000'000, second = 1'000 * ms;
constexpr std::int64_t slow_tick = 20 * ms;
constexpr std::int64_t pause_period = 20 * second, pause_length = 8 * second;
constexpr std::size_t all_there_is = 1 << 20;  // then it is another one's turn
constexpr int slow_receive_buffer = 65'536;
constexpr double held_share = 0.9834;  // 29.5 of 30

std::int64_t from_s(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }
double to_ms(std::int64_t ns) { return static_cast<double>(ns) / 1e6; }

template <class Number>
double part(const std::vector<Number>& sorted, double share) {
    if (sorted.empty()) return 0;
    const auto at = static_cast<std::size_t>(static_cast<double>(sorted.size()) * share);
    return sorted[std::min(sorted.size() - 1, at)];
}

template <class Number>
boost::json::object spread(std::vector<Number> values) {
    std::ranges::sort(values);
    return {{"count", values.size()},       {"min", part(values, 0)},    {"p05", part(values, 0.05)},
            {"p50", part(values, 0.5)},     {"p99", part(values, 0.99)}, {"max", part(values, 1)}};
}

}  // namespace

crowd::crowd(crowd_options chosen) : options_(std::move(chosen)), poll_(check(::epoll_create1(EPOLL_CLOEXEC), "epoll")) {
    const auto most = options_.viewers + options_.joiners + options_.late;
    viewers_.reserve(most);
    records_.reserve(most);
    choose_habits();
}

/// The same ones each time, and no two neighbours more often than chance has it.
void crowd::choose_habits() {
    const auto add = [&](habit how, double share) {
        const auto count = std::lround(static_cast<double>(options_.viewers) * share);
        habits_.insert(habits_.end(), static_cast<std::size_t>(count), how);
    };
    add(habit::slow, options_.slow_share);
    add(habit::pausing, options_.pausing_share);
    add(habit::stopped, options_.stopped_share);
    habits_.resize(options_.viewers, habit::steady);
    std::ranges::shuffle(habits_, std::minstd_rand(1));
}

boost::json::object crowd::run() {
    connect_first();
    serve_until(now_ns() + from_s(options_.warm_up_s));
    measure();
    join_one_by_one();
    return report();
}

void crowd::connect_first() {
    const auto begin = now_ns();
    for (std::size_t i = 0; i < habits_.size(); ++i) {
        connect(habits_[i], false);
        serve_until(begin + from_s(options_.connect_pause_ms * static_cast<double>(i + 1) / 1e3));
    }
}

void crowd::measure() {
    server_before_ = use_of(options_.servers);
    machine_before_ = use_of_machine();
    own_before_ = use_of({::getpid()});
    begin_ns_ = now_ns();
    measuring_ = true;
    serve_until(begin_ns_ + from_s(options_.seconds));
    measuring_ = false;
    end_ns_ = now_ns();
    server_after_ = use_of(options_.servers);
    machine_after_ = use_of_machine();
    own_after_ = use_of({::getpid()});
}

void crowd::connect(habit how, bool late) {
    const auto place = viewers_.size();
    viewers_.emplace_back(place, make_framing(options_.kind, options_.path), options_.port,
                          how == habit::steady ? 0 : slow_receive_buffer);
    records_.push_back({.how = how, .joined_late = late});
    poll_for(place, EPOLLOUT);
}

void crowd::poll_for(std::size_t place, std::uint32_t events) {
    epoll_event wanted{.events = events, .data = {.u64 = place}};
    auto& in_poll = records_[place].in_poll;
    ::epoll_ctl(poll_.get(), in_poll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, viewers_[place].socket(), &wanted);
    in_poll = true;
}

void crowd::stop_polling(std::size_t place) {
    if (!std::exchange(records_[place].in_poll, false)) return;
    ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, viewers_[place].socket(), nullptr);
}

void crowd::serve_until(std::int64_t end_ns) {
    for (auto now = now_ns(); now < end_ns; now = now_ns()) {
        read_slowly(now);
        if (measuring_) {
            pause_and_resume(now);
            join(now);
            sample(now);
        }
        read_events(static_cast<int>(std::clamp<std::int64_t>((end_ns - now) / ms, 0, 10)));
    }
}

void crowd::read_events(int timeout_ms) {
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) {
        const auto place = events[static_cast<std::size_t>(i)].data.u64;
        auto& who = viewers_[place];
        if (who.greeted()) {
            read(place, all_there_is);
            continue;
        }
        who.greet();
        if (records_[place].how == habit::slow) {
            stop_polling(place);
        } else {
            poll_for(place, EPOLLIN);
        }
    }
}

void crowd::read(std::size_t place, std::size_t budget) {
    auto& who = viewers_[place];
    const auto count = who.read(budget, *this);
    records_[place].budget -= static_cast<double>(count);
    if (who.gone()) records_[place].in_poll = false;
}

void crowd::read_slowly(std::int64_t now) {
    if (options_.slow_share == 0 || now - last_slow_ns_ < slow_tick) return;
    const auto since_s = last_slow_ns_ == 0 ? 0.0 : static_cast<double>(now - last_slow_ns_) / 1e9;
    last_slow_ns_ = now;
    for (std::size_t i = 0; i < viewers_.size(); ++i) {
        auto& its = records_[i];
        if (its.how != habit::slow || viewers_[i].gone() || !viewers_[i].greeted()) continue;
        its.budget = std::min(its.budget + options_.slow_rate * since_s, options_.slow_rate);
        if (its.budget >= 1) read(i, static_cast<std::size_t>(its.budget));
    }
}

void crowd::pause_and_resume(std::int64_t now) {
    if (options_.pausing_share == 0 && options_.stopped_share == 0) return;
    for (std::size_t i = 0; i < viewers_.size(); ++i) {
        auto& its = records_[i];
        if (viewers_[i].gone()) continue;
        if (its.how == habit::stopped) stop_polling(i);
        if (its.how != habit::pausing) continue;
        const auto phase = (now - begin_ns_ + static_cast<std::int64_t>(i) * second) % pause_period;  // not all at once
        const bool paused = phase < pause_length;
        if (paused && its.in_poll) stop_polling(i);
        if (!paused && !its.in_poll) {
            its.resumed_ns = now;
            poll_for(i, EPOLLIN);
        }
    }
}

void crowd::join(std::int64_t now) {
    const auto share = std::min(1.0, static_cast<double>(now - begin_ns_) / 1e9 - 1);  // from the second second on
    const auto due = static_cast<double>(options_.joiners) * share;
    while (static_cast<double>(viewers_.size() - options_.viewers) < due) connect(habit::steady, true);
}

void crowd::join_one_by_one() {
    for (std::size_t i = 0; i < options_.late; ++i) {
        connect(habit::steady, true);
        const auto& its = records_.back();
        const auto& who = viewers_.back();
        while (its.first_ns == 0 && !who.gone() && now_ns() < who.began_ns() + 5 * second) serve_until(now_ns() + ms);
        if (its.first_ns != 0) late_ms_.push_back(static_cast<float>(to_ms(its.first_ns - who.began_ns())));
        serve_until(now_ns() + (37 + 11 * static_cast<std::int64_t>(i)) * ms);  // the next one meets another part of an interval
    }
}

void crowd::sample(std::int64_t now) {
    if (now - last_sample_ns_ < second) return;
    last_sample_ns_ = now;
    most_rss_kb_ = std::max(most_rss_kb_, use_of(options_.servers).rss_kb);
}

void crowd::take_frame(viewer& by, const stamp& made, std::string_view last_bytes) {
    const auto now = now_ns();
    auto& its = records_[by.place()];
    if (its.first_ns == 0) its.first_ns = now;
    if (usual_end_.empty()) usual_end_ = last_bytes;
    if (last_bytes != usual_end_) ++torn_;
    if (made.number <= its.last_number) return;  // again
    if (measuring_) {
        ++its.frames;
        if (its.last_number != 0) its.missed += made.number - its.last_number - 1;
        ages_ms_[static_cast<std::size_t>(its.how)].push_back(static_cast<float>(to_ms(now - made.made_ns)));
        if (its.resumed_ns != 0 && made.made_ns > its.resumed_ns) {
            fresh_ms_.push_back(static_cast<float>(to_ms(now - std::exchange(its.resumed_ns, 0))));
        }
    }
    its.last_number = made.number;
}

boost::json::object crowd::report_of(habit how) const {
    std::vector<double> fps, first_ms;
    std::uint64_t missed = 0, gone = 0;
    for (std::size_t i = 0; i < records_.size(); ++i) {
        const auto& its = records_[i];
        if (its.how != how || its.joined_late) continue;
        fps.push_back(static_cast<double>(its.frames) / (static_cast<double>(end_ns_ - begin_ns_) / 1e9));
        if (its.first_ns != 0) first_ms.push_back(to_ms(its.first_ns - viewers_[i].began_ns()));
        missed += its.missed;
        gone += viewers_[i].gone() ? 1 : 0;
    }
    return {{"fps", spread(std::move(fps))},
            {"age_ms", spread(ages_ms_[static_cast<std::size_t>(how)])},
            {"first_frame_ms", spread(std::move(first_ms))},
            {"missed", missed},
            {"gone", gone}};
}

boost::json::object crowd::report() const {
    const auto seconds = static_cast<double>(end_ns_ - begin_ns_) / 1e9;
    std::uint64_t frames = 0;
    std::vector<double> joined_ms;
    for (std::size_t i = 0; i < records_.size(); ++i) {
        frames += records_[i].frames;
        if (i < options_.viewers || i >= options_.viewers + options_.joiners || records_[i].first_ns == 0) continue;
        joined_ms.push_back(to_ms(records_[i].first_ns - viewers_[i].began_ns()));
    }
    const auto gb = static_cast<double>(frames * options_.frame_bytes) / 1e9;
    const auto cpu_s = server_after_.cpu_s - server_before_.cpu_s;
    const auto steady = report_of(habit::steady);
    boost::json::object out{
        {"viewers", options_.viewers},
        {"seconds", seconds},
        {"frames", frames},
        {"gb", gb},
        {"torn", torn_},
        {"held", steady.at("fps").at("p05").as_double() >= options_.fps * held_share},
        {"steady", steady},
        {"load_cpu_share", (own_after_.cpu_s - own_before_.cpu_s) / seconds},
        {"machine_cpu_share", (machine_after_.busy_s - machine_before_.busy_s) / seconds},
        {"steal_share", (machine_after_.steal_s - machine_before_.steal_s) / seconds}};
    if (options_.slow_share > 0) out["slow"] = report_of(habit::slow);
    if (options_.pausing_share > 0) {
        out["pausing"] = report_of(habit::pausing);
        out["pausing"].as_object()["fresh_ms"] = spread(fresh_ms_);
    }
    if (options_.stopped_share > 0) out["stopped"] = report_of(habit::stopped);
    if (options_.joiners > 0) out["joiners_first_frame_ms"] = spread(std::move(joined_ms));
    if (options_.late > 0) out["late_first_frame_ms"] = spread(late_ms_);
    if (!options_.servers.empty()) {
        out["server"] = {{"cpu_s", cpu_s},
                         {"cpu_share", cpu_s / seconds},
                         {"cpu_s_per_gb", gb > 0 ? cpu_s / gb : 0},
                         {"rss_kb", server_after_.rss_kb},
                         {"rss_before_kb", server_before_.rss_kb},
                         {"rss_most_kb", std::max(most_rss_kb_, server_after_.rss_kb)},
                         {"threads", server_after_.threads}};
    }
    return out;
}

}  // namespace bench
