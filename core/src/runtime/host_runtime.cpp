#include "runtime/host_runtime.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace streamhost {
namespace {

constexpr auto prepare_limit = std::chrono::seconds(10);
constexpr auto drain_limit = std::chrono::seconds(5);
constexpr auto terminate_limit = std::chrono::seconds(1);

const port_info* find_port(const std::vector<port_info>& ports, const std::string& name) {
    const auto found = std::ranges::find(ports, name, &port_info::name);
    return found != ports.end() ? &*found : nullptr;
}

/// What each message has to be: a typed input behind an output that gives messages of any type. Else null: the types
/// were compared when the link was checked.
const message_type* checked_type(const plan& plan, const plan_link& link) {
    const auto* const output = find_port(plan.instances[link.from].ports.outputs, link.output);
    const auto* const input = find_port(plan.instances[link.to].ports.inputs, link.input);
    return output != nullptr && output->any && input != nullptr ? input->type : nullptr;
}

}  // namespace

host_runtime::host_runtime(streamhost::plan plan, world& in) : plan_(std::move(plan)), world_(in), book_(in.net()) {
    message_origin origin{.boot = world_.boot_id()};
    // Instance numbers of different hosts of one boot must differ: the upper part is drawn at random.
    const auto base = static_cast<std::uint32_t>(world_.random_seed()) & 0xFFFFFF00U;
    for (const auto& each : plan_.instances) {
        origin.instance = base + static_cast<std::uint32_t>(instances_.size());
        std::vector<lane*> viewer_lanes;
        for (std::uint32_t i = 1; i <= each.viewers.lanes; ++i) {
            viewer_lanes.push_back(&lane_named(fmt::format("{}.viewers.{}", each.name, i)));
        }
        instances_.push_back(
            std::make_unique<instance>(each, world_, lane_named(each.lane), viewer_lanes, book_, *this, origin));
    }
    make_links();
}

host_runtime::~host_runtime() {
    if (!abandoned_) return;
    // A thread still runs in there: everything that it may touch stays.
    for (auto& each : links_) (void)each.release();
    for (auto& each : instances_) (void)each.release();
    for (auto& each : lanes_) (void)each.second.release();
}

lane& host_runtime::lane_named(const std::string& name) {
    auto& place = lanes_[name];
    if (!place) place = world_.make_lane(name);
    return *place;
}

void host_runtime::make_links() {
    for (const auto& each : plan_.links) {
        auto& from = instances_[each.from]->output(each.output);
        auto& to = instances_[each.to]->input(each.input);
        const auto name = to_text(plan_, each);
        const auto* const takes = checked_type(plan_, each);
        links_.push_back(std::make_unique<link>(name, from, to, each.queue, link_type_check{takes, [=, this](const envelope& content) {
            log_.warn("{}: {} comes and is left out, since only {} is taken there; a module in between may make one of the other",
                      name, content.type != nullptr ? content.type->name : "an unknown type", takes->name);
        }}));
        from.attach(*links_.back(), each.type);
        to.attach(*links_.back(), each.type);
    }
}

std::string host_runtime::placement() const {
    std::vector<std::string> lanes;
    for (const auto& [name, unused] : lanes_) {
        std::vector<std::string> there;
        for (const auto& each : plan_.instances) {
            if (each.lane == name) there.push_back(fmt::format("{} ({})", each.name, each.info->type));
            if (name.starts_with(each.name + ".viewers.")) there.push_back("viewers of " + each.name);
        }
        lanes.push_back(fmt::format("lane {}: {}", name, fmt::join(there, ", ")));
    }
    return fmt::format("{}", fmt::join(lanes, "; "));
}

int host_runtime::run(const std::function<void()>& ready) {
    log_.info("{} starts on {}", plan_.name, placement());
    std::vector<lane*> lanes;
    for (auto& [name, each] : lanes_) lanes.push_back(each.get());
    for (auto& each : instances_) each->start();
    for (auto* each : lanes) world_.start_lane(*each);
    auto watchdog = world_.watch_lanes(lanes);

    int status = 0;
    const auto start = prepare_all();
    if (start == start_result::prepared) {
        for (auto& each : instances_) each->go();
        if (tell(ready)) {
            world_.run_main([this] { return stop_requested_ || all_over() || lost_essential(); }, steady_time::max());
        } else {
            status = 1;
        }
    } else if (start == start_result::failed) {
        status = 1;
        for (auto& each : instances_) each->terminate();  // nothing runs yet: nothing to wait for
    }
    status = drain_all(status);
    if (start == start_result::stopped) report_failures();
    watchdog.reset();
    if (!abandoned_) world_.finish_pool();
    for (auto* each : lanes) {
        if (!world_.end_lane(*each)) abandoned_ = true;
    }
    world_.run_main([] { return false; }, world_.time().now());  // what was posted at the last moment
    return abandoned_ ? 1 : status;
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
    const auto required = [](const auto& each) { return !each->plan().optional; };
    const auto settled = [this, required] {
        const bool all = std::ranges::all_of(instances_, [](const auto& each) { return each->prepared(); });
        const bool any_failed = std::ranges::any_of(
            instances_, [&](const auto& each) { return failed(*each) && required(each); });
        return all || any_failed || stop_requested_;
    };
    const bool in_time = world_.run_main(settled, world_.time().now() + prepare_limit);
    if (stop_requested_) return start_result::stopped;
    const bool good = std::ranges::none_of(
        instances_, [&](const auto& each) { return required(each) && (failed(*each) || !each->prepared()); });
    if (good) return start_result::prepared;
    report_failures();
    for (const auto& each : instances_) {
        const auto& plan = each->plan();
        if (in_time || plan.optional || failed(*each) || each->prepared()) continue;
        log_.error("{} ({}): not ready within {} s", plan.name, plan.info->type, prepare_limit.count());
    }
    log_.error("{} does not start: nothing is left running", plan_.name);
    return start_result::failed;
}

void host_runtime::report_failures() {
    for (const auto& each : instances_) {
        if (failed(*each)) log_.error("{} ({}): {}", each->name(), each->plan().info->type, each->failure());
    }
}

bool host_runtime::all_over() const {
    return std::ranges::all_of(instances_, [](const auto& each) { return each->over(); });
}

bool host_runtime::lost_essential() const {
    return std::ranges::any_of(instances_, [this](const auto& each) { return failed(*each) && each->plan().essential; });
}

std::string host_runtime::names_of_living() const {
    std::vector<std::string_view> names;
    for (const auto& each : instances_) {
        if (!each->over()) names.push_back(each->name());
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

int host_runtime::drain_all(int status) {
    for (const auto& each : instances_) {
        if (failed(*each) && each->plan().essential) {
            log_.error("{} is essential and has failed: the host ends", each->name());
        }
    }
    for (auto& each : instances_) each->begin_drain();
    const auto over = [this] { return all_over(); };
    if (!world_.run_main(over, world_.time().now() + drain_limit)) {
        log_.warn("not drained after {} s, ended hard: {}", drain_limit.count(), names_of_living());
        for (auto& each : instances_) each->terminate();
        if (!world_.run_main(over, world_.time().now() + terminate_limit)) {
            log_.error("does not end and is left behind: {}", names_of_living());
            abandoned_ = true;
        }
    }
    const bool any_failed = std::ranges::any_of(instances_, [this](const auto& each) { return failed(*each); });
    return any_failed ? 1 : status;
}

void host_runtime::instance_changed() {
    world_.post_main([] {});  // run_main looks again at what it waits for
}

void host_runtime::stop_host(std::string_view reason) {
    if (stop_requested_.exchange(true)) return;
    log_.info("{} ends: {}", plan_.name, reason);
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
    host_snapshot now;
    now.name = plan_.name;
    const auto now_ns = world_.time().steady_ns();
    for (const auto& each : instances_) {
        instance_snapshot one{
            .name = each->name(),
            .type = each->plan().info->type,
            .lane = each->plan().lane,
            .state = std::string(to_string(each->state())),
            .condition = each->condition(),
            .failure = each->failure(),
            .restarts = each->restarts(),
            .busy_ns = each->busy_ns(),
        };
        for (const auto& port : each->outputs()) {
            one.outputs.push_back({port->name(), port->sent.value(), port->post_dropped.value()});
        }
        each->for_each_metric([&](const std::string& name, const std::string& help, std::uint64_t value) {
            one.metrics.push_back({name, help, value});
        });
        one.viewers = each->viewers().snapshot(now_ns);
        now.instances.push_back(std::move(one));
    }
    for (const auto& each : links_) {
        const auto& queue = each->queue();
        link_snapshot one{
            .name = each->name(),
            .policy = to_string(queue.options()),
            .accepted = queue.accepted.value(),
            .delivered = queue.delivered.value(),
            .bytes = queue.bytes_delivered.value(),
            .depth = queue.depth.value(),
            .depth_bytes = queue.depth_bytes.value(),
        };
        for (std::size_t i = 0; i < queue.dropped.size(); ++i) {
            one.dropped.emplace_back(to_string(static_cast<drop_reason>(i)), queue.dropped[i].value());
        }
        const auto head = static_cast<std::int64_t>(queue.head_arrived_ns.value());
        one.head_age_ns = head == 0 ? 0 : std::max<std::int64_t>(0, now_ns - head);
        one.wait_p50_ns = queue.waited.percentile(0.5);
        one.wait_p99_ns = queue.waited.percentile(0.99);
        now.links.push_back(std::move(one));
    }
    for (const auto& each : book_.entries()) now.addresses.push_back({each.instance, each.address, each.bound.to_string()});
    return now;
}

}  // namespace streamhost
