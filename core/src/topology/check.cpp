#include "topology/check.hpp"

#include "topology/draft.hpp"

namespace streamhost {

check_result check(const topology& topology, const catalogue& catalogue, problem_list problems) {
    check_result result;
    if (topology.readable) {
        draft draft{topology, catalogue, problems, {}, {}, {}};
        draft.result.name = topology.name;
        draft.result.log_level = topology.log_level;
        draft.result.watch = topology.watch;
        check_instances(draft);
        check_links(draft);
        check_unlinked_inputs(draft);
        check_exclusive(draft);
        check_listeners(draft);
        check_waiting(draft);
        if (!problems.has_errors()) result.plan = std::move(draft.result);
    }
    result.problems = problems.sorted();
    return result;
}

check_result check(const topology_text& source, const catalogue& catalogue) {
    problem_list problems;
    const auto topology = read_topology(source, problems);
    return check(topology, catalogue, std::move(problems));
}

std::string report(const std::vector<problem>& problems, const topology_text& source) {
    std::vector<std::string> sets;
    for (const auto& [path, value] : source.sets) sets.push_back(path);
    std::string lines;
    for (const auto& problem : problems) lines += to_text(problem, source.file, sets) + "\n";
    return lines;
}

}  // namespace streamhost
