#include "command_line.hpp"

#include <streamhost/control.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <vector>

namespace {

constexpr int wrong_usage = 2;

constexpr const char* summary =
    "streamhost turns a JSON topology into a running media and telemetry node:\n"
    "a robot's server, an operator's console, a cache relay or a viewer.\n";

constexpr const char* examples =
    "Examples:\n"
    "  streamhost --topology config/robot.json\n"
    "      run the topology until Ctrl-C\n"
    "  streamhost --topology config/robot.json --set modules.camera.source=/dev/video2 --log-level debug\n"
    "      with another camera, and with more to read\n"
    "  streamhost check config/robot.json\n"
    "      every problem of a topology, or \"ok\"\n"
    "  streamhost describe video.capture\n"
    "      what a module type is, its settings and ports; without a type: all of them\n"
    "  streamhost graph config/robot.json\n"
    "      the wiring as a Mermaid chart, for a README or https://mermaid.live\n"
    "  streamhost doctor config/robot.json\n"
    "      whether this machine has what it takes, and what to do about it\n"
    "  streamhost top\n"
    "      what a running host does: instances, links and viewers, each second anew\n"
    "  streamhost plan config/relay.json; streamhost reload config/relay.json\n"
    "      what would change in the running host; then change it, without a restart\n"
    "  streamhost schema > streamhost.schema.json\n"
    "      for editors, which complete and check topologies that say \"$schema\": \"streamhost.schema.json\"\n"
    "  streamhost new-module soil.probe\n"
    "      a project for a module of your own, in the new folder soil-probe\n"
    "\n"
    "Exit status: 0 clean end; 1 failed to start or while running; 2 wrong usage or a topology with errors.\n";

struct raw_arguments {
    std::vector<std::string> sets;
    std::vector<std::string> folders;
    bool json = false;
    bool markdown = false;
    bool no_control = false;
};

/// Options that every command takes which reads modules.
void add_module_options(CLI::App& app, raw_arguments& raw) {
    app.add_option("--modules", raw.folders, "Look for module libraries here first; may be given several times")
        ->type_name("DIR")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* add_set_option(CLI::App& app, raw_arguments& raw) {
    return app
        .add_option("--set", raw.sets, "Change a value of the topology: modules.camera.fps=15; may be given several times")
        ->type_name("KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_topology_options(CLI::App& app, raw_arguments& raw) {
    add_set_option(app, raw);
    add_module_options(app, raw);
}

void add_host_option(CLI::App& app, command_line& line) {
    app.add_option("--host", line.host, "Which of the hosts that run: its name, process id, or socket")->type_name("WHICH");
}

/// Splits "a.b.c=value" at the first "=".
std::pair<std::string, std::string> split_set(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        throw CLI::ValidationError("--set", "expected KEY=VALUE, got \"" + text + "\"");
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

/// What somebody meant who left a word that is no option; empty where that cannot be said.
std::string meaning_of(const std::vector<std::string>& words) {
    for (const auto& word : words) {
        if (word.ends_with(".json")) return "did you mean --topology " + word + "?";
    }
    for (const auto& word : words) {
        if (word.starts_with('-')) continue;
        return "the commands are check, describe, doctor, graph, schema, new-module, plan, reload, status and top";
    }
    return {};
}

std::filesystem::path own_path() {
    std::error_code code;
    auto path = std::filesystem::read_symlink("/proc/self/exe", code);
    return code ? std::filesystem::path("streamhost") : path;
}

}  // namespace

std::optional<command_line> read_command_line(int count, char** arguments, int& exit_status) {
    command_line line;
    raw_arguments raw;
    CLI::App app(summary, "streamhost");
    app.footer(examples);
    app.get_formatter()->column_width(34);
    app.set_version_flag("--version", "streamhost " + std::string(streamhost::version()), "Print the version and exit");
    app.add_option("--topology", line.options.topology, "The topology to run")->type_name("FILE");
    add_topology_options(app, raw);
    app.add_option("--log-level", line.options.log_level,
                   "trace, debug, info, warn, error or off, for all or for one: debug,video.capture=trace")
        ->type_name("LEVELS");
    app.add_option("--ready-file", line.options.ready_file,
                   "Write process id and bound addresses there, as JSON, once everything is prepared")
        ->type_name("PATH");
    app.add_flag("--allow-faults", line.options.allow_faults, "Links may have a \"fault\": loss, delay, stalls; for tests");
    app.add_flag("--no-control", raw.no_control, "No control socket: status, top, plan and reload do not find this host");

    auto* const check = app.add_subcommand("check", "Report every problem of a topology, or \"ok\"");
    check->add_option("FILE", line.options.topology, "The topology")->required();
    add_topology_options(*check, raw);

    auto* const describe = app.add_subcommand("describe", "Say what the module types are, or one of them");
    describe->add_option("TYPE", line.type, "A module type, such as video.capture");
    auto* const json = describe->add_flag("--json", raw.json, "As JSON, with the JSON Schema of the settings");
    describe->add_flag("--markdown", raw.markdown, "As Markdown, as in docs/modules.md")->excludes(json);
    add_module_options(*describe, raw);

    auto* const graph = app.add_subcommand("graph", "Print the wiring of a topology as a Mermaid chart");
    graph->add_option("FILE", line.options.topology, "The topology")->required();
    add_topology_options(*graph, raw);

    auto* const doctor = app.add_subcommand("doctor", "Look at cameras, sound, network, clock and limits, and say what to do");
    doctor->add_option("FILE", line.options.topology, "A topology whose addresses are tried too");
    add_topology_options(*doctor, raw);
    auto* const plan = app.add_subcommand("plan", "Say what a reload would change in the running host");
    auto* const planned = plan->add_option("FILE", line.options.topology, "The topology; default: the one that it runs, as it is now");
    add_set_option(*plan, raw)->needs(planned);
    add_host_option(*plan, line);
    auto* const reload = app.add_subcommand("reload", "Turn the running host into what a topology says now");
    auto* const next = reload->add_option("FILE", line.options.topology, "The topology; default: the one that it runs, as it is now");
    add_set_option(*reload, raw)->needs(next);
    add_host_option(*reload, line);
    auto* const status = app.add_subcommand("status", "Say once what the running host does");
    status->add_flag("--json", raw.json, "As JSON");
    add_host_option(*status, line);
    auto* const top = app.add_subcommand("top", "Show what the running host does, each second anew");
    add_host_option(*top, line);

    auto* const schema = app.add_subcommand("schema", "Print the JSON Schema of topologies with all installed modules");
    add_module_options(*schema, raw);

    auto* const new_module = app.add_subcommand("new-module", "Write a project for a module type of your own");
    new_module->add_option("TYPE", line.project.type, "Its name: a family and a kind, such as soil.probe")->required();
    constexpr const char* types = "record, text, bytes, video_frame, encoded_image, audio_block";
    new_module->add_option("--input", line.project.input, fmt::format("It takes messages of this type: {}", types))
        ->type_name("T");
    new_module->add_option("--output", line.project.output, "It sends messages of this type; without either: record")
        ->type_name("T");
    new_module->add_option("--folder", line.project.folder, "Write it there, instead of into a folder of its name here")
        ->type_name("DIR");
    app.require_subcommand(0, 1);
    // Each command keeps its own; the program's shows all of them.
    app.set_help_flag();
    app.set_help_all_flag("-h,--help", "Print this help message and exit");

    try {
        app.parse(count, arguments);
        for (const auto& text : raw.sets) line.options.sets.push_back(split_set(text));
        if (app.get_subcommands().empty() && line.options.topology.empty()) {
            throw CLI::ValidationError("--topology", "say which topology to run: streamhost --topology FILE");
        }
    } catch (const CLI::ParseError& e) {
        const bool asked_for = e.get_exit_code() == 0;  // --help, --version
        app.exit(e);
        const auto hint = asked_for ? std::string() : meaning_of(app.remaining());
        if (!hint.empty()) std::fprintf(stderr, "%s\n", hint.c_str());
        exit_status = asked_for ? 0 : wrong_usage;
        return std::nullopt;
    }
    if (check->parsed()) line.what = action::check;
    if (describe->parsed()) line.what = action::describe;
    if (graph->parsed()) line.what = action::graph;
    if (doctor->parsed()) line.what = action::doctor;
    if (plan->parsed()) line.what = action::plan;
    if (reload->parsed()) line.what = action::reload;
    if (status->parsed()) line.what = action::status;
    if (top->parsed()) line.what = action::top;
    if (schema->parsed()) line.what = action::schema;
    if (new_module->parsed()) line.what = action::new_module;
    if (line.what == action::run && !raw.no_control) line.options.control = streamhost::control_folder();
    if (raw.json) line.form = streamhost::describe_form::json;
    if (raw.markdown) line.form = streamhost::describe_form::markdown;
    line.options.module_folders.assign(raw.folders.begin(), raw.folders.end());
    line.options.executable = own_path();
    return line;
}
