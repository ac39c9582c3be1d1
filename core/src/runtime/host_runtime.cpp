#include "runtime/host_runtime.hpp"

#include "observe/shown_settings.hpp"
#include "runtime/graph_switch.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace streamhost {
namespace {

constexpr auto prepare_limit = std::chrono::seconds(10);
constexpr auto drain_limit = std::chrono::seconds(5);
constexpr auto terminate_limit = std::chrono::seconds(1);

void keep_for_ever(std::shared_ptr<void> what) { (void)new std::shared_ptr<void>(std::move(what)); }

}  // namespace

host_runtime::host_runtime(streamhost::plan plan, world& in, host_services* services)
    : world_(in), services_(services), book_(in.net()), maker_(in, book_, *this) {
    graph_.plan = std::move(plan);
    make_graph();
}

host_runtime::~host_runtime() {
    if (!abandoned_) return;
    // A thread still runs in there: everything that it may touch stays.
    for (auto& each : left_behind_) keep_for_ever(std::move(each));
    for (auto& each : graph_.links) keep_for_ever(std::move(each));
    for (auto& each : graph_.instances) keep_for_ever(std::move(each));
    for (auto& each : graph_.lanes) (void)each.second.release();
}

void host_runtime::make_graph() {
    std::vector<lane*> lanes;
    for (const auto& each : graph_.plan.instances) graph_.instances.push_back(maker_.make_instance(graph_, each, lanes));
    for (const auto& each : graph_.plan.links) {
        auto& from = *graph_.instances[each.from];
        auto& to = *graph_.instances[each.to];
        graph_.links.push_back(maker_.make_link(graph_.plan, each, from, to));
        from.output(each.output).attach(*graph_.links.back(), each.type);
        to.input(each.input).attach(*graph_.links.back(), each.type);
    }
}

std::vector<lane*> host_runtime::all_lanes() const {
    std::vector<lane*> lanes;
    for (const auto& [name, each] : graph_.lanes) lanes.push_back(each.get());
    return lanes;
}

std::string host_runtime::placement() const {
    std::vector<std::string> lanes;
    for (const auto& [name, unused] : graph_.lanes) {
        std::vector<std::string> there;
        for (const auto& each : graph_.plan.instances) {
            if (each.lane == name) there.push_back(fmt::format("{} ({})", each.name, each.info->type));
            if (name.starts_with(each.name + ".viewers.")) there.push_back("viewers of " + each.name);
        }
        lanes.push_back(fmt::format("lane {}: {}", name, fmt::join(there, ", ")));
    }
    return fmt::format("{}", fmt::join(lanes, "; "));
}

int host_runtime::run(const std::function<void()>& ready) {
    log_.info("{} starts on {}", graph_.plan.name, placement());
    for (auto& each : graph_.instances) each->start();
    for (auto* each : all_lanes()) world_.start_lane(*each);
    watchdog_ = world_.watch_lanes(all_lanes());

    int status = 0;
    const auto start = prepare_all();
    if (start == start_result::prepared) {
        for (auto& each : graph_.instances) each->go();
        if (tell(ready)) {
            run_all();
        } else {
            status = 1;
        }
    } else if (start == start_result::failed) {
        status = 1;
        for (auto& each : graph_.instances) each->terminate();  // nothing runs yet: nothing to wait for
    }
    status = drain_all(status);
    if (start == start_result::stopped) report_failures();
    watchdog_.reset();
    if (!abandoned_) world_.finish_pool();
    for (auto* each : all_lanes()) {
        if (!world_.end_lane(*each)) abandoned_ = true;
    }
    world_.run_main([] { return false; }, world_.time().now());  // what was posted at the last moment
    return abandoned_ ? 1 : status;
}

void host_runtime::run_all() {
    const auto ends = [this] { return stop_requested_ || all_over() || lost_essential(); };
    const auto has_jobs = [this] {
        const std::lock_guard lock(jobs_mutex_);
        return !jobs_.empty();
    };
    do {
        world_.run_main([&] { return ends() || has_jobs(); }, steady_time::max());
    } while (take_job() || !ends());
}

bool host_runtime::take_job() {
    std::function<void()> job;
    {
        const std::lock_guard lock(jobs_mutex_);
        if (jobs_.empty() || stop_requested_) return false;
        job = std::move(jobs_.front());
        jobs_.pop_front();
    }
    job();
    return true;
}

void host_runtime::call_between(std::function<void()> job) {
    {
        const std::lock_guard lock(jobs_mutex_);
        jobs_.push_back(std::move(job));
    }
    world_.post_main([] {});
}

plan_change host_runtime::change_for(const streamhost::plan& next) const {
    running_state state;
    for (const auto& each : graph_.instances) {
        if (each->over()) state.over.insert(each->name());
    }
    return compare(graph_.plan, next, state);
}

std::string host_runtime::change_to(streamhost::plan next, const std::function<void()>& taken_over) {
    auto change = change_for(next);
    // It looks at all lanes, and at instances that may go.
    watchdog_.reset();
    graph_switch_parts parts{
        .graph = graph_,
        .maker = maker_,
        .in = world_,
        .book = book_,
        .log = log_,
        .host_ends = [this] { return stop_requested_.load(); },
        .exchange =
            [this](streamhost::plan plan, auto instances, auto links) {
                const std::lock_guard lock(graph_mutex_);
                graph_.plan = std::move(plan);
                graph_.instances = std::move(instances);
                graph_.links = std::move(links);
            },
        .taken_over = taken_over,
        .abandon =
            [this](std::shared_ptr<void> what) {
                abandoned_ = true;
                left_behind_.push_back(std::move(what));
            },
    };
    graph_switch step(std::move(parts), std::move(next), std::move(change));
    auto failure = step.run();
    watchdog_ = world_.watch_lanes(all_lanes());
    return failure;
}

std::string host_runtime::name() const {
    const std::lock_guard lock(graph_mutex_);
    return graph_.plan.name;
}

bool host_runtime::failed(const instance& each) const { return each.state() == instance_state::failed; }

bool host_runtime::tell(const std::function<void()>& ready) {
    if (!ready) return true;
    try {
        ready();
        return true;
    } catch (const std::exception& e) {
        log_.error("{}", e.what());
        return false;
    }
}

host_runtime::start_result host_runtime::prepare_all() {
    const auto required = [](const auto& each) { return !each->optional(); };
    const auto settled = [this, required] {
        const bool all = std::ranges::all_of(graph_.instances, [](const auto& each) { return each->prepared(); });
        const bool any_failed = std::ranges::any_of(
            graph_.instances, [&](const auto& each) { return failed(*each) && required(each); });
        return all || any_failed || stop_requested_;
    };
    const bool in_time = world_.run_main(settled, world_.time().now() + prepare_limit);
    if (stop_requested_) return start_result::stopped;
    const bool good = std::ranges::none_of(
        graph_.instances, [&](const auto& each) { return required(each) && (failed(*each) || !each->prepared()); });
    if (good) return start_result::prepared;
    report_failures();
    for (const auto& each : graph_.instances) {
        const auto& plan = each->plan();
        if (in_time || each->optional() || failed(*each) || each->prepared()) continue;
        log_.error("{} ({}): not ready within {} s", plan.name, plan.info->type, prepare_limit.count());
    }
    log_.error("{} does not start: nothing is left running", graph_.plan.name);
    return start_result::failed;
}

void host_runtime::report_failures() {
    for (const auto& each : graph_.instances) {
        if (failed(*each)) log_.error("{} ({}): {}", each->name(), each->plan().info->type, each->failure());
    }
}

bool host_runtime::all_over() const {
    return std::ranges::all_of(graph_.instances, [](const auto& each) { return each->over(); });
}

bool host_runtime::lost_essential() const {
    return std::ranges::any_of(graph_.instances, [this](const auto& each) { return failed(*each) && each->essential(); });
}

std::string host_runtime::names_of_living() const {
    std::vector<std::string_view> names;
    for (const auto& each : graph_.instances) {
        if (!each->over()) names.push_back(each->name());
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

int host_runtime::drain_all(int status) {
    for (const auto& each : graph_.instances) {
        if (failed(*each) && each->essential()) {
            log_.error("{} is essential and has failed: the host ends", each->name());
        }
    }
    for (auto& each : graph_.instances) each->begin_drain();
    const auto over = [this] { return all_over(); };
    if (!world_.run_main(over, world_.time().now() + drain_limit)) {
        log_.warn("not drained after {} s, ended hard: {}", drain_limit.count(), names_of_living());
        for (auto& each : graph_.instances) each->terminate();
        if (!world_.run_main(over, world_.time().now() + terminate_limit)) {
            log_.error("does not end and is left behind: {}", names_of_living());
            abandoned_ = true;
        }
    }
    const bool any_failed = std::ranges::any_of(graph_.instances, [this](const auto& each) { return failed(*each); });
    return any_failed ? 1 : status;
}

void host_runtime::instance_changed() {
    world_.post_main([] {});  // run_main looks again at what it waits for
}

void host_runtime::stop_host(std::string_view reason) {
    if (stop_requested_.exchange(true)) return;
    log_.info("{} ends: {}", name(), reason);
    world_.post_main([] {});
}

std::shared_ptr<void> host_runtime::shared_object(std::string_view key,
                                                  const std::function<std::shared_ptr<void>()>& make) {
    const std::lock_guard lock(shared_mutex_);
    auto& place = shared_[std::string(key)];
    auto object = place.lock();
    if (!object) {
        object = make();
        place = object;
    }
    return object;
}

host_snapshot host_runtime::snapshot() const {
    const std::lock_guard lock(graph_mutex_);
    host_snapshot now;
    now.name = graph_.plan.name;
    const auto now_ns = world_.time().steady_ns();
    const auto& plan = graph_.plan;
    for (std::size_t i = 0; i < graph_.instances.size(); ++i) {
        now.instances.push_back(graph_.instances[i]->snapshot(now_ns));
        now.instances.back().settings = shown_settings(plan.instances[i].settings);
    }
    for (std::size_t i = 0; i < graph_.links.size(); ++i) {
        const auto& link = plan.links[i];
        now.links.push_back(graph_.links[i]->snapshot(now_ns));
        now.links.back().from = {plan.instances[link.from].name, link.output};
        now.links.back().to = {plan.instances[link.to].name, link.input};
    }
    for (const auto& each : book_.entries()) now.addresses.push_back({each.instance, each.address, each.bound.to_string()});
    return now;
}

}  // namespace streamhost
