#include "topology/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace streamhost {
namespace {

bool waits(const plan_link& link) { return link.queue.policy == queue_policy::wait; }

/// Whether a message on the link may follow from one that its instance received.
bool follows_from_input(const plan& plan, const plan_link& link) {
    const auto& outputs = plan.instances[link.from].ports.outputs;
    const auto output = std::ranges::find(outputs, link.output, &port_info::name);
    return output == outputs.end() || !output->spontaneous;
}

/// Reports the `wait` links that hold back `capture`, directly or through links that were allowed to.
void check_capture(draft& draft, std::size_t capture) {
    std::vector<bool> reached(draft.result.instances.size(), false);
    std::deque<std::size_t> open{capture};
    reached[capture] = true;
    while (!open.empty()) {
        const auto instance = open.front();
        open.pop_front();
        for (std::size_t i = 0; i < draft.result.links.size(); ++i) {
            const auto& link = draft.result.links[i];
            if (link.from != instance || !waits(link)) continue;
            if (!link.may_block) {
                draft.problems.add(draft.origins[i]->queue_where, draft.origins[i]->path,
                                   fmt::format("`wait` on `{}` can hold back the capture `{}`: choose another policy, or say "
                                               "\"may_block\": true", to_text(draft.result, link),
                                               draft.result.instances[capture].name));
            } else if (!reached[link.to]) {
                reached[link.to] = true;
                open.push_back(link.to);
            }
        }
    }
}

/// The shortest way along `wait` links that closes a circle through the link `first`; empty where there is none.
std::vector<std::size_t> circle_through(const plan& plan, std::size_t first) {
    constexpr auto none = static_cast<std::size_t>(-1);
    std::vector<std::size_t> reached_by(plan.instances.size(), none);
    std::deque<std::size_t> open{plan.links[first].to};
    reached_by[plan.links[first].to] = first;
    const auto target = plan.links[first].from;
    while (!open.empty() && reached_by[target] == none) {
        const auto instance = open.front();
        open.pop_front();
        for (std::size_t i = 0; i < plan.links.size(); ++i) {
            const auto& link = plan.links[i];
            if (link.from != instance || !waits(link) || !follows_from_input(plan, link)) continue;
            if (reached_by[link.to] != none) continue;
            reached_by[link.to] = i;
            open.push_back(link.to);
        }
    }
    if (reached_by[target] == none) return {};
    std::vector<std::size_t> circle;
    for (auto link = reached_by[target]; link != first; link = reached_by[plan.links[link].from]) circle.push_back(link);
    circle.push_back(first);
    std::ranges::reverse(circle);
    return circle;
}

void check_circles(draft& draft) {
    const auto& plan = draft.result;
    std::vector<bool> told(plan.links.size(), false);
    for (std::size_t i = 0; i < plan.links.size(); ++i) {
        if (told[i] || !waits(plan.links[i]) || !follows_from_input(plan, plan.links[i])) continue;
        std::string text;
        for (const auto link : circle_through(plan, i)) {
            text += fmt::format("{}`{}`", text.empty() ? "" : ", ", to_text(plan, plan.links[link]));
            told[link] = true;
        }
        if (text.empty()) continue;
        draft.problems.warn(draft.origins[i]->queue_where, draft.origins[i]->path,
                            fmt::format("a circle of `wait` links: {}; once full, each waits for the others until messages are "
                                        "dropped as `timeout`", text));
    }
}

}  // namespace

void check_waiting(draft& draft) {
    for (std::size_t i = 0; i < draft.result.instances.size(); ++i) {
        const auto* info = draft.result.instances[i].info;
        if (info != nullptr && info->capture) check_capture(draft, i);
    }
    check_circles(draft);
}

}  // namespace streamhost
