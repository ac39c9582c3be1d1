#include "topology/draft.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace streamhost {
namespace {

bool waits(const plan_link& link) { return link.queue.policy == queue_policy::wait; }

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
                draft.problems.add(
                    draft.origins[i]->queue_where, draft.origins[i]->path,
                    fmt::format("`wait` on `{}` can hold back the capture `{}`: choose another policy, or say "
                                "\"may_block\": true",
                                to_text(draft.result, link), draft.result.instances[capture].name));
            } else if (!reached[link.to]) {
                reached[link.to] = true;
                open.push_back(link.to);
            }
        }
    }
}

/// The `wait` links by which a full queue can hold back its own source.
class waiting_graph {
public:
    explicit waiting_graph(const plan& plan) : plan_(plan), leaving_(plan.instances.size()) {
        for (std::size_t i = 0; i < plan.links.size(); ++i) {
            if (waits(plan.links[i]) && follows_from_input(plan.links[i])) leaving_[plan.links[i].from].push_back(i);
        }
    }

    bool contains(std::size_t link) const {
        return std::ranges::find(leaving_[plan_.links[link].from], link) != leaving_[plan_.links[link].from].end();
    }

    /// The shortest circle through the link `first`, beginning with it; empty where there is none.
    std::vector<std::size_t> circle_through(std::size_t first) const {
        const auto target = plan_.links[first].from;
        std::vector<std::size_t> reached_by(plan_.instances.size(), none);
        std::deque<std::size_t> open{plan_.links[first].to};
        reached_by[plan_.links[first].to] = first;
        while (!open.empty() && reached_by[target] == none) {
            for (const auto link : leaving_[open.front()]) {
                const auto to = plan_.links[link].to;
                if (reached_by[to] != none) continue;
                reached_by[to] = link;
                open.push_back(to);
            }
            open.pop_front();
        }
        return way_back(first, reached_by);
    }

private:
    static constexpr auto none = static_cast<std::size_t>(-1);

    /// Whether a message on the link may follow from one that its instance received.
    bool follows_from_input(const plan_link& link) const {
        const auto& outputs = plan_.instances[link.from].ports.outputs;
        const auto output = std::ranges::find(outputs, link.output, &port_info::name);
        return output == outputs.end() || !output->spontaneous;
    }

    std::vector<std::size_t> way_back(std::size_t first, const std::vector<std::size_t>& reached_by) const {
        std::vector<std::size_t> circle;
        auto link = reached_by[plan_.links[first].from];
        if (link == none) return circle;
        for (; link != first; link = reached_by[plan_.links[link].from]) circle.push_back(link);
        circle.push_back(first);
        std::ranges::reverse(circle);
        return circle;
    }

    const plan& plan_;
    std::vector<std::vector<std::size_t>> leaving_;  ///< by instance
};

void check_circles(draft& draft) {
    const auto& plan = draft.result;
    const waiting_graph graph(plan);
    std::vector<bool> told(plan.links.size(), false);
    for (std::size_t i = 0; i < plan.links.size(); ++i) {
        if (told[i] || !graph.contains(i)) continue;
        std::string text;
        for (const auto link : graph.circle_through(i)) {
            text += fmt::format("{}`{}`", text.empty() ? "" : ", ", to_text(plan, plan.links[link]));
            told[link] = true;
        }
        if (text.empty()) continue;
        draft.problems.warn(
            draft.origins[i]->queue_where, draft.origins[i]->path,
            fmt::format("a circle of `wait` links: {}; once full, each waits for the others until messages are "
                        "dropped as `timeout`",
                        text));
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
