#include "../core/topology/fake_modules.hpp"

#include "topology/check.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// From the text of a topology to its plan. What follows the first NUL are overrides, `path=value`, one per line. The
/// cases of tests/core/topology (`broken/*.json`, `good/*.json`) are the corpus to start from.
namespace {

namespace sh = streamhost;

sh::topology_text source_of(std::string_view input) {
    const auto end = std::min(input.find('\0'), input.size());
    sh::topology_text source;
    source.file = "fuzz.json";
    source.text = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    constexpr std::size_t most_sets = 16;
    while (!input.empty() && source.sets.size() < most_sets) {
        const auto line = input.substr(0, input.find('\n'));
        input.remove_prefix(std::min(line.size() + 1, input.size()));
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) source.sets.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    source.variables = [](std::string_view name) -> std::optional<std::string> {
        if (name == "DEVICE") return "/dev/video0";
        if (name == "FPS") return "25";
        return std::nullopt;
    };
    return source;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fake::catalogue types;
    static const auto catalogue = types.view();
    const auto source = source_of({reinterpret_cast<const char*>(data), size});
    const auto result = sh::check(source, catalogue);
    const bool failed = std::ranges::any_of(result.problems, [](const sh::problem& each) { return !each.warning; });
    STREAMHOST_ASSERT(result.plan.has_value() != failed);
    STREAMHOST_ASSERT(result.problems.empty() == sh::report(result.problems, source).empty());
    if (result.plan) STREAMHOST_ASSERT(!sh::mermaid(*result.plan).empty());
    return 0;
}
