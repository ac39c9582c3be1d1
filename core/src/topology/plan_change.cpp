#include "topology/plan_change.hpp"

#include <boost/json/serialize.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace streamhost {
namespace {

std::size_t find_instance(const plan& in, const std::string& name) {
    const auto found = std::ranges::find(in.instances, name, &plan_instance::name);
    return found != in.instances.end() ? static_cast<std::size_t>(found - in.instances.begin()) : instance_change::none;
}

/// What two links must share to be the same one.
using link_key = std::tuple<std::string, std::string, std::string, std::string>;

link_key key_of(const plan& in, const plan_link& link) {
    return {in.instances[link.from].name, link.output, in.instances[link.to].name, link.input};
}

/// How a port is linked, as far as its instance can tell: modules choose by that what they do.
struct port_use {
    bool linked = false;
    const message_type* type = nullptr;

    bool operator==(const port_use&) const = default;
};

using port_uses = std::map<std::pair<port_direction, std::string>, port_use>;

port_uses uses_of(const plan& in, std::size_t instance) {
    port_uses uses;
    for (const auto& port : in.instances[instance].ports.inputs) uses[{port_direction::input, port.name}];
    for (const auto& port : in.instances[instance].ports.outputs) uses[{port_direction::output, port.name}];
    const auto note = [&](port_direction direction, const std::string& port, const plan_link& link) {
        auto& use = uses[{direction, port}];
        use.linked = true;
        if (link.type != nullptr) use.type = link.type;
    };
    for (const auto& link : in.links) {
        if (link.from == instance) note(port_direction::output, link.output, link);
        if (link.to == instance) note(port_direction::input, link.input, link);
    }
    return uses;
}

bool is_live(const module_info& info, const std::string& setting) {
    const auto found = std::ranges::find(info.settings, setting, &setting_info::name);
    return found != info.settings.end() && found->live;
}

/// 15 and 15.0 are one number.
bool same_value(const boost::json::value& a, const boost::json::value& b) {
    if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
    return a == b;
}

/// What is different in one instance, and whether that may change while it runs.
class instance_comparison {
public:
    instance_comparison(const plan& now, std::size_t before, const plan& next, std::size_t after)
        : before_(now.instances[before]), after_(next.instances[after]) {
        if (before_.info != after_.info) {
            must_replace(fmt::format("type: {} -> {}", before_.info->type, after_.info->type));
            return;
        }
        compare_settings();
        compare_host_keys();
        if (uses_of(now, before) != uses_of(next, after)) must_replace("its ports are linked otherwise");
    }

    instance_fate fate() const {
        if (replace_) return instance_fate::replaced;
        return reasons_.empty() ? instance_fate::kept : instance_fate::adjusted;
    }
    std::vector<std::string> take_reasons() { return std::move(reasons_); }

private:
    void must_replace(std::string reason) {
        replace_ = true;
        reasons_.push_back(std::move(reason));
    }

    void compare_settings() {
        for (const auto& [key, value] : after_.settings) {
            const auto* const old = before_.settings.if_contains(key);
            if (old != nullptr && same_value(*old, value)) continue;
            reasons_.push_back(fmt::format("{}: {} -> {}", std::string_view(key),
                                           old != nullptr ? boost::json::serialize(*old) : "nothing",
                                           boost::json::serialize(value)));
            if (!is_live(*after_.info, std::string(key))) replace_ = true;
        }
    }

    template <class Member>
    void compare_key(const char* name, Member plan_instance::*member) {
        if (before_.*member != after_.*member) must_replace(fmt::format("{} is another", name));
    }

    void compare_host_keys() {
        compare_key("lane", &plan_instance::lane);
        compare_key("viewers", &plan_instance::viewers);
        compare_key("limits", &plan_instance::limits);
        compare_key("allow", &plan_instance::allow);
        // The host's own view of it: nothing that the module could notice.
        if (before_.restart != after_.restart) reasons_.emplace_back("restart is another");
        if (before_.optional != after_.optional) reasons_.emplace_back("optional is another");
        if (before_.essential != after_.essential) reasons_.emplace_back("essential is another");
        if (before_.log_level != after_.log_level) reasons_.emplace_back("log is another");
    }

    const plan_instance& before_;
    const plan_instance& after_;
    bool replace_ = false;
    std::vector<std::string> reasons_;
};

bool goes_on(instance_fate fate) { return fate == instance_fate::kept || fate == instance_fate::adjusted; }

/// What only one instance may hold, as "domain=value" and "claim".
std::set<std::string> held_by(const plan_instance& instance) {
    std::set<std::string> held(instance.info->claims.begin(), instance.info->claims.end());
    for (const auto& setting : instance.info->settings) {
        // A listening socket is handed from one to the other.
        const bool shareable = setting.exclusive.empty() || setting.address == address_role::listen;
        const auto* const value = shareable ? nullptr : instance.settings.if_contains(setting.name);
        if (value == nullptr || value->is_null()) continue;
        held.insert(setting.exclusive + "=" + boost::json::serialize(*value));
    }
    return held;
}

/// An instance that has ended takes no other link any more.
void replace_where_over(plan_change& change, const plan& next, const std::set<std::string>& over) {
    std::set<std::string> fresh;  // instances that will send, or take, from the beginning
    for (const auto& each : change.instances) {
        if (!goes_on(each.fate)) fresh.insert(each.name);
    }
    for (bool more = true; more;) {
        more = false;
        for (auto& each : change.instances) {
            if (!goes_on(each.fate) || !over.contains(each.name)) continue;
            const auto touched = std::ranges::any_of(next.links, [&](const plan_link& link) {
                return (link.to == each.after && fresh.contains(next.instances[link.from].name)) ||
                       (link.from == each.after && fresh.contains(next.instances[link.to].name));
            });
            if (!touched) continue;
            each.fate = instance_fate::replaced;
            each.reasons.emplace_back("it has ended, and is linked anew");
            fresh.insert(each.name);
            more = true;
        }
    }
}

void find_gaps(plan_change& change, const plan& now, const plan& next) {
    std::map<std::string, std::string> holders;  // of what will be free, by what it is
    for (const auto& each : change.instances) {
        if (each.before == instance_change::none || goes_on(each.fate)) continue;
        for (const auto& what : held_by(now.instances[each.before])) holders[what] = each.name;
    }
    for (auto& each : change.instances) {
        if (each.after == instance_change::none || goes_on(each.fate)) continue;
        for (const auto& what : held_by(next.instances[each.after])) {
            const auto found = holders.find(what);
            if (found == holders.end()) continue;
            each.waits_for.insert(found->second);
            each.reasons.push_back("only one may hold " + what);
        }
        if (each.fate == instance_fate::replaced && !each.waits_for.empty()) each.fate = instance_fate::replaced_with_gap;
    }
}

void compare_links(plan_change& change, const plan& now, const plan& next) {
    std::set<std::string> staying;
    for (const auto& each : change.instances) {
        if (goes_on(each.fate)) staying.insert(each.name);
    }
    std::map<link_key, std::size_t> old;
    for (std::size_t i = 0; i < now.links.size(); ++i) old[key_of(now, now.links[i])] = i;
    for (std::size_t i = 0; i < next.links.size(); ++i) {
        const auto& link = next.links[i];
        link_change one{.text = to_text(next, link), .after = i};
        const auto found = old.find(key_of(next, link));
        if (found != old.end()) {
            one.before = found->second;
            old.erase(found);
            const auto& was = now.links[one.before];
            one.kept = was.queue == link.queue && was.fault == link.fault && was.type == link.type &&
                       staying.contains(next.instances[link.from].name) && staying.contains(next.instances[link.to].name);
        }
        change.links.push_back(std::move(one));
    }
    for (const auto& [key, index] : old) {
        change.links.push_back({.text = to_text(now, now.links[index]), .before = index});
    }
}

}  // namespace

std::string_view to_string(instance_fate fate) noexcept {
    switch (fate) {
        case instance_fate::kept: return "kept";
        case instance_fate::adjusted: return "adjusted";
        case instance_fate::replaced: return "replaced";
        case instance_fate::replaced_with_gap: return "replaced, with a gap";
        case instance_fate::added: return "added";
        case instance_fate::removed: return "removed";
    }
    return "";
}

bool plan_change::empty() const {
    return std::ranges::all_of(instances, [](const auto& each) { return each.fate == instance_fate::kept; }) &&
           std::ranges::all_of(links, &link_change::kept);
}

plan_change compare(const plan& now, const plan& next, const running_state& state) {
    plan_change change;
    for (std::size_t i = 0; i < next.instances.size(); ++i) {
        instance_change one{.name = next.instances[i].name, .fate = instance_fate::added, .after = i};
        one.before = find_instance(now, one.name);
        if (one.before != instance_change::none) {
            instance_comparison comparison(now, one.before, next, i);
            one.fate = state.wanted.contains(one.name) ? instance_fate::replaced : comparison.fate();
            one.reasons = comparison.take_reasons();
        }
        change.instances.push_back(std::move(one));
    }
    for (std::size_t i = 0; i < now.instances.size(); ++i) {
        const auto& name = now.instances[i].name;
        if (find_instance(next, name) != instance_change::none) continue;
        change.instances.push_back({.name = name, .fate = instance_fate::removed, .before = i});
    }
    replace_where_over(change, next, state.over);
    find_gaps(change, now, next);
    compare_links(change, now, next);
    return change;
}

std::string to_text(const plan_change& change) {
    std::string text;
    std::size_t kept = 0;
    for (const auto& each : change.instances) {
        if (each.fate == instance_fate::kept) {
            ++kept;
            continue;
        }
        text += fmt::format("{}: {}", each.name, to_string(each.fate));
        if (!each.reasons.empty()) text += fmt::format(" ({})", fmt::join(each.reasons, "; "));
        text += "\n";
    }
    for (const auto& each : change.links) {
        if (each.kept) continue;
        const auto* const what = each.before == link_change::none  ? "added"
                                 : each.after == link_change::none ? "removed"
                                                                   : "replaced";
        text += fmt::format("{}: {}\n", each.text, what);
    }
    if (text.empty()) return "nothing changes\n";
    return text + fmt::format("kept as they are: {} instances\n", kept);
}

}  // namespace streamhost
