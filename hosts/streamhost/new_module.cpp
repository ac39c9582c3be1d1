#include "new_module.hpp"

#include "payload_kinds.hpp"
#include "type_name.hpp"

#include <streamhost/host.hpp>
#include <streamhost/result.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

using streamhost::configuration_error;

/// What stands between two "@" of a template, and what is put there.
using replacements = std::map<std::string, std::string, std::less<>>;

const payload_kind& kind_of(std::string_view option, const std::string& name) {
    if (const auto* const kind = find_payload_kind(name)) return *kind;
    std::vector<std::string_view> names;
    for (const auto& each : payload_kinds()) names.push_back(each.name);
    throw configuration_error(fmt::format("{} {}: there is no such message type; take one of {}", option, name,
                                          fmt::join(names, ", ")));
}

std::string with(std::string text, std::string_view what, std::string_view instead) {
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + instead.size())) {
        text.replace(at, what.size(), instead);
    }
    return text;
}

/// "<vector> <cstddef>" as lines.
std::string include_lines(std::string_view headers) {
    std::string text;
    while (!headers.empty()) {
        const auto end = std::min(headers.find(' '), headers.size());
        text += fmt::format("#include {}\n", headers.substr(0, end));
        headers.remove_prefix(std::min(end + 1, headers.size()));
    }
    return text;
}

/// The name of the instance in the topology: the kind, unless another instance there has it.
std::string instance_name(const type_name& name) {
    constexpr std::array taken{"jpeg", "picture", "print", "sample", "server", "tone"};
    return std::ranges::find(taken, name.kind) == taken.end() ? name.kind : name.library();
}

fs::path template_folder(const fs::path& executable) {
    std::error_code failed;
    const auto program = fs::weakly_canonical(executable, failed);
    const auto folder = program.parent_path().parent_path() / "share" / "streamhost" / "templates" / "module";
    if (failed || !fs::is_directory(folder, failed)) {
        throw configuration_error(fmt::format("the templates of modules are not there: {}; on Debian they come with "
                                              "the package streamhost-dev, else with `cmake --install`",
                                              folder.string()));
    }
    return folder;
}

std::string read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (!stream) throw configuration_error(fmt::format("cannot read {}: {}", file.string(), std::strerror(errno)));
    return text;
}

void write(const fs::path& file, std::string_view text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) throw configuration_error(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
}

/// A template's text with everything put in.
std::string filled(std::string_view text, const replacements& values) {
    std::string result;
    while (true) {
        const auto begin = text.find('@');
        const auto end = begin == text.npos ? begin : text.find('@', begin + 1);
        result += text.substr(0, begin);
        if (end == text.npos) return result;
        const auto found = values.find(text.substr(begin + 1, end - begin - 1));
        if (found == values.end()) {
            throw std::logic_error(fmt::format("a template has @{}@", text.substr(begin + 1, end - begin - 1)));
        }
        result += found->second;
        text.remove_prefix(end + 1);
    }
}

/// What the kind of module changes: one that only sends, one that takes and sends, one that only takes.
struct shape {
    std::string_view source;  ///< the template of its source and of its topology
    const payload_kind* input = nullptr;
    const payload_kind* output = nullptr;
};

shape shape_of(const module_project& project) {
    shape chosen;
    if (!project.input.empty()) chosen.input = &kind_of("--input", project.input);
    if (!project.output.empty()) chosen.output = &kind_of("--output", project.output);
    if (chosen.input == nullptr && chosen.output == nullptr) chosen.output = &kind_of("--output", "record");
    chosen.source = chosen.input == nullptr ? "source" : chosen.output == nullptr ? "sink" : "filter";
    if (chosen.output != nullptr && chosen.output->make.empty() && chosen.input != chosen.output) {
        throw configuration_error(fmt::format("--output {}: pictures are encoded by the module video.encode; say "
                                              "--output video_frame, and link its port to one", chosen.output->name));
    }
    return chosen;
}

void put_code(replacements& values, const shape& chosen) {
    std::string_view headers, maker;
    if (const auto* const output = chosen.output) {
        const bool passes_on = chosen.input == output;
        const auto value = chosen.input == nullptr ? "measure()" : "static_cast<double>(sh::payload_bytes(*taken))";
        values["MAKE"] = passes_on ? fmt::format("sh::{} made = *taken;", output->name)
                                   : with(std::string(output->make), "VALUE", value);
        headers = passes_on ? "" : output->make_include;
        maker = passes_on ? "" : output->maker;
    } else {
        values["SHOW"] = chosen.input->show;
        headers = chosen.input->show_include;
    }
    values["MAKER"] = maker;
    values["INCLUDES"] = include_lines(headers);
    values["GAP"] = headers.empty() ? "" : "\n";
}

void put_topology(replacements& values, const shape& chosen) {
    const auto& instance = values["INSTANCE"];
    if (chosen.input != nullptr) {
        values["FEED"] = chosen.input->feed;
        values["FEED_LINK"] = chosen.input->feed_link;
        values["SETTING"] = "every";
        values["WRONG"] = "0";
    } else {
        values["SETTING"] = "period";
        values["WRONG"] = R"("1ms")";
    }
    values["LINK"] = chosen.output != nullptr
                         ? fmt::format("{}.{} -> print.messages", instance, chosen.output->port)
                         : fmt::format("{} -> {}.{}", chosen.input->fed_by, instance, chosen.input->port);
    std::vector<std::string> sets;
    if (chosen.output != nullptr) sets.emplace_back(R"({"vars.port", "0"})");
    if (chosen.input == nullptr) sets.push_back(fmt::format(R"({{"modules.{}.period", "10ms"}})", instance));
    values["TEST_SETS"] = sets.empty() ? "" : fmt::format("    options.sets = {{{}}};\n", fmt::join(sets, ", "));
}

/// What the module does in a harness: a source sends once a period, the others take one message of so many.
void put_unit_test(replacements& values, const shape& chosen) {
    std::string lines;
    if (chosen.input == nullptr) {
        lines = fmt::format(R"cpp(    auto module = with(R"({{ "period": "10s" }})");
    module.run_for(30s);
    EXPECT_EQ(module.take<sh::{}>("{}").size(), 3u);
)cpp", chosen.output->name, chosen.output->port);
    } else {
        lines = fmt::format(R"cpp(    auto module = with(R"({{ "every": 2 }})");
    for (int i = 0; i < 4; ++i) {{
        module.feed("{}", sh::{}{{}});
        module.run_for(1s);
    }}
)cpp", chosen.input->port, chosen.input->name);
        lines += chosen.output == nullptr
                     ? "    EXPECT_EQ(module.log().size(), 2u);\n"
                     : fmt::format("    EXPECT_EQ(module.take<sh::{}>(\"{}\").size(), 2u);\n", chosen.output->name,
                                   chosen.output->port);
    }
    values["UNIT_TEST"] = fmt::format("TEST_F({}_test, {}) {{\n{}    EXPECT_TRUE(module.drain());\n}}\n", values["CLASS"],
                                      chosen.input == nullptr ? "sends_once_a_period" : "takes_one_message_of_so_many",
                                      lines);
}

replacements values_of(const module_project& project, const type_name& name, const shape& chosen) {
    const std::string version(streamhost::version());
    replacements values{{"TYPE", project.type},
                        {"CLASS", name.class_name()},
                        {"FILE", name.library()},
                        {"KIND", name.kind},
                        {"INSTANCE", instance_name(name)},
                        {"VERSION", version.substr(0, version.rfind('.'))}};
    std::string summary;
    if (const auto* const input = chosen.input) {
        values.insert({{"INPUT", std::string(input->name)},
                       {"IN", std::string(input->port)},
                       {"INPUT_PLURAL", std::string(input->plural)}});
        summary = fmt::format("it takes {}", input->plural);
    }
    if (const auto* const output = chosen.output) {
        values.insert({{"OUTPUT", std::string(output->name)},
                       {"OUT", std::string(output->port)},
                       {"PLURAL", std::string(output->plural)}});
        summary += fmt::format("{}sends {}", chosen.input != nullptr ? " and " : "it ", output->plural);
        values["VIEWER_ROW"] = "| `viewer.json` | a topology for another host, which takes it over a socket |\n";
    } else {
        values["VIEWER_ROW"] = "";
    }
    values["SUMMARY"] = summary;
    put_code(values, chosen);
    put_topology(values, chosen);
    put_unit_test(values, chosen);
    return values;
}

/// What CMake has to be told to find the SDK that belongs to this program; empty where it looks there anyway.
std::string prefix_option(const fs::path& executable) {
    std::error_code ignored;
    const auto prefix = fs::weakly_canonical(executable, ignored).parent_path().parent_path().string();
    return prefix == "/usr" || prefix == "/usr/local" ? "" : " -DCMAKE_PREFIX_PATH=" + prefix;
}

void create_folder(const fs::path& folder) {
    std::error_code failed;
    if (fs::create_directories(folder, failed)) return;
    if (failed) throw configuration_error(fmt::format("cannot make {}: {}", folder.string(), failed.message()));
    throw configuration_error(fmt::format("{} is there already, and nothing in it was changed: move it away, or say "
                                          "--folder DIR", folder.string()));
}

}  // namespace

std::string write_module_project(const module_project& project, const fs::path& executable) {
    const auto name = split_type(project.type);
    const auto chosen = shape_of(project);
    const auto folder = project.folder.empty() ? fs::path(name.library()) : project.folder;
    const auto templates = template_folder(executable);
    auto values = values_of(project, name, chosen);
    values["PREFIX"] = prefix_option(executable);

    std::map<std::string, std::string> files{{"CMakeLists.txt", "CMakeLists.txt"},
                                             {"README.md", "README.md"},
                                             {".gitignore", "gitignore"},
                                             {name.class_name() + ".cpp", fmt::format("{}.cpp", chosen.source)},
                                             {name.class_name() + "_test.cpp", "module_test.cpp"},
                                             {name.library() + ".json", fmt::format("{}.json", chosen.source)}};
    if (chosen.output != nullptr) files["viewer.json"] = "viewer.json";
    for (auto& [file, text] : files) text = filled(read(templates / text), values);  // all, before anything is written
    create_folder(folder);
    for (const auto& [file, text] : files) write(folder / file, text);

    return fmt::format("{0}: a module, its test and a topology that runs it. What to do next:\n"
                       "  cd {0}\n"
                       "  cmake -B build{1} && cmake --build build\n"
                       "  ctest --test-dir build\n"
                       "  streamhost --modules build/modules --topology {2}.json\n",
                       folder.string(), values["PREFIX"], name.library());
}
