#include "core/topology/fake_modules.hpp"

#include "topology/check.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

/// Each case is a topology `NN-name.json` with the exact text that `check` must give for it in `NN-name.expected`, and,
/// where it needs them, overrides and variables in `NN-name.args`, one per line: `--set path=value` or `NAME=value`.
/// STREAMHOST_REWRITE_GOLDENS=1 writes what comes out instead of comparing; look at each difference before it is kept.
namespace streamhost {
namespace {

namespace fs = std::filesystem;

const fs::path folder = STREAMHOST_TOPOLOGY_CASES;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<std::string> cases_in(const std::string& kind) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / kind)) {
        if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
    }
    std::ranges::sort(names);
    return names;
}

topology_text source_of(const std::string& kind, const std::string& name) {
    topology_text source;
    source.file = name + ".json";
    source.text = content_of(folder / kind / source.file);
    std::map<std::string, std::string, std::less<>> variables;
    std::istringstream lines(content_of(folder / kind / (name + ".args")));
    for (std::string line; std::getline(lines, line);) {
        const bool set = line.starts_with("--set ");
        if (set) line.erase(0, 6);
        const auto equals = line.find('=');
        if (set) source.sets.emplace_back(line.substr(0, equals), line.substr(equals + 1));
        else variables[line.substr(0, equals)] = line.substr(equals + 1);
    }
    source.variables = [variables](std::string_view variable) -> std::optional<std::string> {
        const auto found = variables.find(variable);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    return source;
}

void compare(const std::string& kind, const std::string& name, const std::string& got) {
    const auto path = folder / kind / (name + ".expected");
    if (std::getenv("STREAMHOST_REWRITE_GOLDENS") != nullptr) std::ofstream(path, std::ios::binary) << got;
    EXPECT_EQ(got, content_of(path)) << path;
}

std::string to_text(const plan_instance& instance) {
    auto text = fmt::format("{}: {} on {} {}", instance.name, instance.info->type, instance.lane,
                            boost::json::serialize(instance.settings));
    if (instance.restart != restart_options{}) {
        text += fmt::format(" restart {} {}x in {}s", static_cast<int>(instance.restart.policy), instance.restart.count,
                            instance.restart.window.count());
    }
    if (instance.optional) text += " optional";
    if (instance.essential) text += " essential";
    if (instance.viewers != viewer_options{}) {
        text += fmt::format(" viewers {} at most, {}, cut after {}ms", instance.viewers.max,
                            to_string(instance.viewers.queue.over(type_of<video_frame>().defaults.viewer)),
                            instance.viewers.stall_ms.count());
    }
    if (instance.limits != session_limits{}) {
        text += fmt::format(" limits {} connections, {} bytes", instance.limits.max_connections,
                            instance.limits.message_bytes);
    }
    if (!instance.allow.empty()) text += fmt::format(" allow {}", fmt::join(instance.allow, " "));
    if (!instance.log_level.empty()) text += " log " + instance.log_level;
    return text;
}

std::string to_text(const plan& plan) {
    auto text = fmt::format("{}: lanes {}\n", plan.name, fmt::join(plan.lanes(), " "));
    for (const auto& instance : plan.instances) text += to_text(instance) + "\n";
    for (const auto& link : plan.links) {
        text += fmt::format("{} [{}] {}{}\n", streamhost::to_text(plan, link),
                            link.type != nullptr ? link.type->name : "any", to_string(link.queue),
                            link.may_block ? " may block" : "");
    }
    return text;
}

class broken_topology : public testing::TestWithParam<std::string> {};
class good_topology : public testing::TestWithParam<std::string> {};

TEST_P(broken_topology, gives_exactly_these_messages) {
    const fake::catalogue types;
    const auto source = source_of("broken", GetParam());
    const auto result = check(source, types.view());
    EXPECT_FALSE(result.plan.has_value());
    compare("broken", GetParam(), report(result.problems, source));
}

TEST_P(good_topology, becomes_exactly_this_plan) {
    const fake::catalogue types;
    const auto source = source_of("good", GetParam());
    const auto result = check(source, types.view());
    auto got = report(result.problems, source);
    ASSERT_TRUE(result.plan.has_value()) << got;
    compare("good", GetParam(), got + to_text(*result.plan));
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
    auto name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(cases, broken_topology, testing::ValuesIn(cases_in("broken")), name_of);
INSTANTIATE_TEST_SUITE_P(cases, good_topology, testing::ValuesIn(cases_in("good")), name_of);

TEST(broken_topologies, are_many) { EXPECT_GE(cases_in("broken").size(), 40u); }

}  // namespace
}  // namespace streamhost
