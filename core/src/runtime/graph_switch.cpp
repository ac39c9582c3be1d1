#include "runtime/graph_switch.hpp"

#include <boost/asio/post.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <map>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

constexpr duration prepare_limit = 10s;
constexpr duration start_limit = 1s;     // from prepared to running
constexpr duration drain_limit = 5s;
constexpr duration terminate_limit = 1s;
constexpr duration empty_limit = 1s;     // for what still waits in a link that goes
constexpr duration answer_limit = 2s;    // of a lane

bool contains(const std::vector<std::shared_ptr<instance>>& all, const std::shared_ptr<instance>& one) {
    return std::ranges::find(all, one) != all.end();
}

bool failed(const instance& each) { return each.state() == instance_state::failed; }

}  // namespace

graph_switch::graph_switch(graph_switch_parts parts, plan next, plan_change change)
    : parts_(std::move(parts)), next_(std::move(next)), change_(std::move(change)) {}

std::string graph_switch::run() {
    if (!on_all_lanes()) return "a lane does not answer: something blocks it (the watchdog names it)\n";
    make_instances();
    make_links();
    std::set<socket_holder> holders;
    for (const auto& each : leaving_) holders.insert(each->holder());
    parts_.book.hand_over_from(std::move(holders));
    start_fresh_lanes();
    auto failure = prepare(at_once_);
    if (failure.empty()) {
        attach_to_kept_inputs();
        if (!waiting_.empty()) failure = hand_over_exclusive();
    }
    if (failure.empty()) take_over();
    else undo();
    parts_.book.hand_over_from({});
    end_unused_lanes();
    return failure;
}

bool graph_switch::stays(const std::shared_ptr<instance>& which) const {
    return !contains(leaving_, which) && !contains(fresh_, which);
}

void graph_switch::make_instances() {
    after_.resize(next_.instances.size());
    for (const auto& each : change_.instances) {
        const bool goes_on = each.fate == instance_fate::kept || each.fate == instance_fate::adjusted;
        if (goes_on) {
            after_[each.after] = parts_.graph.instances[each.before];
            continue;
        }
        if (each.before != instance_change::none) leaving_.push_back(parts_.graph.instances[each.before]);
        if (each.after == instance_change::none) continue;
        const auto made = parts_.maker.make_instance(parts_.graph, next_.instances[each.after], fresh_lanes_);
        after_[each.after] = made;
        fresh_.push_back(made);
        (each.waits_for.empty() ? at_once_ : waiting_).push_back(made);
    }
}

void graph_switch::make_links() {
    const auto& now = parts_.graph;
    links_after_.resize(next_.links.size());
    for (const auto& each : change_.links) {
        if (each.kept) {
            links_after_[each.after] = now.links[each.before];
            continue;
        }
        if (each.before != link_change::none) {
            const auto& was = now.plan.links[each.before];
            old_links_.push_back({now.links[each.before], now.instances[was.from], now.instances[was.to], was.output, was.input});
        }
        if (each.after == link_change::none) continue;
        const auto& plan = next_.links[each.after];
        const auto& from = after_[plan.from];
        const auto& to = after_[plan.to];
        const auto made = parts_.maker.make_link(next_, plan, *from, *to);
        links_after_[each.after] = made;
        fresh_links_.push_back(made);
        // Those that run already get theirs on their lanes, when all is prepared.
        if (contains(fresh_, from)) from->output(plan.output).attach(*made, plan.type);
        if (contains(fresh_, to)) to->input(plan.input).attach(*made, plan.type);
    }
}

void graph_switch::start_fresh_lanes() {
    for (auto* each : fresh_lanes_) parts_.in.start_lane(*each);
}

std::string graph_switch::prepare(const instances& which) {
    for (const auto& each : which) each->start();
    const auto settled = [&] {
        const auto lost = [](const auto& each) { return failed(*each) && !each->optional(); };
        return parts_.host_ends() || std::ranges::all_of(which, [](const auto& each) { return each->prepared(); }) ||
               std::ranges::any_of(which, lost);
    };
    parts_.in.run_main(settled, parts_.in.time().now() + prepare_limit);
    if (parts_.host_ends()) return "the host ends\n";
    std::string failures;
    for (const auto& each : which) {
        if (each->optional() || (each->prepared() && !failed(*each))) continue;
        const auto why = failed(*each) ? each->failure() : fmt::format("not ready within {}", prepare_limit / 1s) + " s";
        failures += fmt::format("{} ({}): {}\n", each->name(), each->plan().info->type, why);
    }
    if (!restoring_) return failures;
    if (!failures.empty()) parts_.log.error("could not be started again: {}", failures);
    return {};
}

/// An input that runs must never be without a link that is open: it would take that for the end. So what is new comes
/// before what is old goes.
void graph_switch::attach_to_kept_inputs() {
    std::vector<lane_work> work;
    for (std::size_t i = 0; i < next_.links.size(); ++i) {
        const auto& plan = next_.links[i];
        const auto& to = after_[plan.to];
        if (!stays(to) || std::ranges::find(fresh_links_, links_after_[i]) == fresh_links_.end()) continue;
        work.push_back({&to->on(), [to = to.get(), &plan, made = links_after_[i].get()] {
                            to->input(plan.input).attach(*made, plan.type);
                        }});
    }
    on_lanes(work);
}

/// What only one may hold has to be given up first. Where the others cannot take it, those that had it come back.
std::string graph_switch::hand_over_exclusive() {
    std::set<std::string> names;
    for (const auto& each : change_.instances) names.insert(each.waits_for.begin(), each.waits_for.end());
    instances holders;
    for (const auto& each : leaving_) {
        if (names.contains(each->name())) holders.push_back(each);
    }
    retire(holders);
    running_state restored;
    auto failure = prepare(waiting_);
    if (failure.empty()) return {};
    for (const auto& each : waiting_) each->terminate();
    wait_until_over(waiting_, terminate_limit);
    for (const auto& each : holders) restored.wanted.insert(each->name());
    // They are the other switch's to destroy.
    holders.clear();
    leaving_.clear();
    old_links_.clear();
    if (!parts_.host_ends()) restore(restored);
    return failure;
}

void graph_switch::restore(const running_state& state) {
    parts_.log.warn("started again as before: {}", fmt::join(state.wanted, ", "));
    const auto now = parts_.graph.plan;
    graph_switch back(parts_, now, compare(now, now, state));
    back.restoring_ = true;
    (void)back.run();
}

void graph_switch::take_over() {
    for (const auto& each : fresh_) each->go();
    const auto all_run = [this] {
        return std::ranges::none_of(fresh_, [](const auto& each) { return each->state() == instance_state::prepared; });
    };
    parts_.in.run_main(all_run, parts_.in.time().now() + start_limit);

    // All that changes for an output changes in one turn of its lane: no message is lost or comes twice.
    std::map<instance*, std::vector<std::function<void()>>> turns;
    for (const auto& each : old_links_) {
        if (!stays(each.from)) continue;
        turns[each.from.get()].push_back([from = each.from.get(), output = each.output, old = each.which.get()] {
            from->output(output).detach(*old);
            old->close();
        });
    }
    for (std::size_t i = 0; i < next_.links.size(); ++i) {
        const auto& plan = next_.links[i];
        const auto& from = after_[plan.from];
        if (!stays(from) || std::ranges::find(fresh_links_, links_after_[i]) == fresh_links_.end()) continue;
        turns[from.get()].push_back([from = from.get(), output = plan.output, type = plan.type, made = links_after_[i].get()] {
            from->output(output).attach(*made, type);
        });
    }
    std::vector<lane_work> work;
    for (auto& [from, steps] : turns) {
        work.push_back({&from->on(), [steps = std::move(steps)] {
                            for (const auto& step : steps) step();
                        }});
    }
    on_lanes(work);
    for (const auto& each : change_.instances) {
        if (each.fate == instance_fate::adjusted) after_[each.after]->adjust(next_.instances[each.after]);
    }
    parts_.exchange(std::move(next_), std::move(after_), std::move(links_after_));
    if (parts_.taken_over && !restoring_) parts_.taken_over();
    retire(leaving_);
    let_go_of_old_links();
    links gone;
    for (auto& each : old_links_) gone.push_back(std::move(each.which));
    old_links_.clear();
    fresh_.clear();
    at_once_.clear();
    waiting_.clear();
    fresh_links_.clear();
    discard(std::exchange(leaving_, {}), std::move(gone));
}

void graph_switch::undo() {
    instances started = at_once_;
    for (const auto& each : waiting_) {
        if (each->state() != instance_state::starting) started.push_back(each);
    }
    for (const auto& each : started) each->terminate();
    wait_until_over(started, terminate_limit);
    std::vector<lane_work> work;
    for (std::size_t i = 0; i < next_.links.size(); ++i) {
        const auto& plan = next_.links[i];
        const auto& to = after_[plan.to];
        if (!stays(to) || std::ranges::find(fresh_links_, links_after_[i]) == fresh_links_.end()) continue;
        work.push_back({&to->on(), [to = to.get(), &plan, made = links_after_[i].get()] {
                            to->input(plan.input).detach(*made);
                        }});
    }
    on_lanes(work);
    after_.clear();
    links_after_.clear();
    at_once_.clear();
    waiting_.clear();
    started.clear();
    discard(std::exchange(fresh_, {}), std::exchange(fresh_links_, {}));
}

/// Ends instances as a host does that drains: first by the end of what they take, then hard.
void graph_switch::retire(const instances& which) {
    std::vector<lane_work> work;
    for (const auto& each : old_links_) {
        if (!contains(which, each.to) || contains(which, each.from)) continue;
        work.push_back({&each.from->on(), [from = each.from.get(), output = each.output, old = each.which.get()] {
                            from->output(output).detach(*old);
                            old->close();
                        }});
    }
    on_lanes(work);
    for (const auto& each : which) each->begin_drain();
    if (wait_until_over(which, drain_limit)) return;
    for (const auto& each : which) {
        if (!each->over()) parts_.log.warn("{} is not drained after {} s, ended hard", each->name(), drain_limit / 1s);
        each->terminate();
    }
    wait_until_over(which, terminate_limit);
}

bool graph_switch::wait_until_over(const instances& which, duration limit) {
    const auto over = [&] { return std::ranges::all_of(which, [](const auto& each) { return each->over(); }); };
    return parts_.in.run_main(over, parts_.in.time().now() + limit);
}

/// What waits there still arrives.
void graph_switch::let_go_of_old_links() {
    std::vector<lane_work> work;
    const auto empty = [this] {
        return std::ranges::all_of(old_links_, [&](const auto& each) { return !stays(each.to) || each.which->finished(); });
    };
    parts_.in.run_main(empty, parts_.in.time().now() + empty_limit);
    for (const auto& each : old_links_) {
        if (!stays(each.to)) continue;
        work.push_back({&each.to->on(), [to = each.to.get(), input = each.input, old = each.which.get()] {
                            to->input(input).detach(*old);
                        }});
    }
    on_lanes(work);
}

/// Destroys what nobody reaches any more, each instance on its own lane.
void graph_switch::discard(instances which, links their_links) {
    const auto stuck = std::ranges::find_if(which, [](const auto& each) {
        return !each->over() && each->state() != instance_state::starting;
    });
    // Twice: what the lanes did before may have given work to each other.
    if (stuck != which.end() || !on_all_lanes() || !on_all_lanes()) {
        for (const auto& each : which) {
            if (!each->over()) parts_.log.error("{} does not end and is left behind", each->name());
            parts_.abandon(each);
        }
        for (const auto& each : their_links) parts_.abandon(each);
        return;
    }
    parts_.in.run_main([] { return false; }, parts_.in.time().now());  // what they wanted from the main thread
    for (auto& [name, each] : parts_.graph.lanes) each->activity_state().overran = nullptr;
    their_links.clear();
    std::vector<lane_work> work;
    for (auto& each : which) {
        auto* const on = &each->on();
        auto last = std::make_shared<std::shared_ptr<instance>>(std::move(each));
        work.push_back({on, [last] { last->reset(); }});
    }
    on_lanes(work);
}

void graph_switch::end_unused_lanes() {
    if (restoring_) return;  // the one that failed still holds instances on some
    const auto used = [this](const std::string& name) {
        return std::ranges::any_of(parts_.graph.instances, [&](const auto& each) {
            return each->plan().lane == name ||
                   (each->plan().viewers.lanes > 0 && name.starts_with(each->name() + ".viewers."));
        });
    };
    bool pool_is_idle = false;
    for (auto next = parts_.graph.lanes.begin(); next != parts_.graph.lanes.end();) {
        if (used(next->first)) {
            ++next;
            continue;
        }
        if (!std::exchange(pool_is_idle, true)) parts_.in.finish_pool();
        if (!parts_.in.end_lane(*next->second)) parts_.abandon(std::move(next->second));
        next = parts_.graph.lanes.erase(next);
    }
}

/// Runs each piece on its lane and waits for all of them; false where a lane did not come to it in time. Then a piece
/// may still run later.
bool graph_switch::on_lanes(const std::vector<lane_work>& work) {
    const auto left = std::make_shared<std::atomic<std::size_t>>(work.size());
    for (const auto& each : work) {
        asio::post(each.on->own_executor(), [do_it = each.work, left, &in = parts_.in] {
            do_it();
            if (left->fetch_sub(1) == 1) in.post_main([] {});
        });
    }
    return parts_.in.run_main([left] { return left->load() == 0; }, parts_.in.time().now() + answer_limit);
}

bool graph_switch::on_all_lanes() {
    std::vector<lane_work> work;
    for (const auto& [name, each] : parts_.graph.lanes) work.push_back({each.get(), [] {}});
    return on_lanes(work);
}

}  // namespace streamhost
