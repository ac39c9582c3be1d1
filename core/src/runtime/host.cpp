#include <streamhost/host.hpp>

#include "observe/log_memory.hpp"
#include "runtime/doctor.hpp"
#include "runtime/host_control.hpp"
#include "runtime/host_runtime.hpp"
#include "runtime/machine_world.hpp"
#include "runtime/module_library.hpp"
#include "runtime/ready_file.hpp"
#include "runtime/replace_file.hpp"
#include "topology/check.hpp"
#include "topology/json_reader.hpp"
#include "topology/module_docs.hpp"
#include "topology/suggestion.hpp"

#include <streamhost/log.hpp>
#include <streamhost/result.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>

namespace streamhost {
namespace {

std::optional<std::string> from_environment(std::string_view name) {
    const char* const value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// `text` stands for what is in the file, which is not read then.
topology_text read_source(const host_options& options, std::optional<std::string> given = {}) {
    const auto refuse = [&](const char* why) {
        throw configuration_error(fmt::format("cannot read the topology {}: {}", options.topology, why));
    };
    std::string text = given ? std::move(*given) : std::string(max_topology_bytes + 1, '\0');
    if (!given) {
        std::ifstream file(options.topology, std::ios::binary);
        if (!file) refuse(std::strerror(errno));
        // It may have no end. One byte more than there may be is enough to see that it is too large.
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        if (file.bad()) refuse(std::strerror(errno));  // a folder opens, and then does not read
        text.resize(static_cast<std::size_t>(file.gcount()));
    }
    if (text.empty()) refuse("it is empty");
    return {.file = options.topology,
            .text = std::move(text),
            .sets = options.sets,
            .variables = from_environment,
            .allow_faults = options.allow_faults};
}

module_library make_library(const host_options& options) {
    return module_library(plugin::library_search(options.module_folders, options.executable));
}

/// Checks twice where a type is not known: only then is it worth loading every library, to suggest the right one.
check_result check_source(const topology_text& source, module_library& library) {
    bool unknown = false;
    catalogue types;
    types.find = [&](std::string_view type) {
        const auto* const info = library.find(std::string(type));
        unknown |= info == nullptr;
        return info;
    };
    auto result = check(source, types);
    if (!unknown) return result;
    std::vector<std::string> ignored;
    library.load_all(ignored);
    for (const auto* info : library.all()) types.types.push_back(info->type);
    return check(source, types);
}

struct checked_source {
    topology_text source;
    check_result result;
};

checked_source check_all(const host_options& options, module_library& library, std::optional<std::string> text = {}) {
    auto source = read_source(options, std::move(text));
    auto result = check_source(source, library);
    return {std::move(source), std::move(result)};
}

plan take_plan(checked_source checked) {
    const auto text = report(checked.result.problems, checked.source);
    if (!checked.result.plan) throw topology_error(text);
    return std::move(*checked.result.plan);
}

}  // namespace

struct host::parts final : host_services {
    explicit parts(host_options chosen) : options(std::move(chosen)), library(make_library(options)) {
        auto checked = check_all(options, library);
        running = {options.topology, checked.source.text};
        const auto warnings = report(checked.result.problems, checked.source);
        auto plan = take_plan(std::move(checked));
        configure_log(options.log_level.empty() ? plan.log_level : options.log_level);
        log_lines(warnings);
        name = plan.name;
        watch = plan.watch;
        runtime.emplace(std::move(plan), world, this);
    }

    void log_lines(const std::string& text) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) log.warn("{}", line);
    }

    /// A checked topology that may come to run.
    struct candidate {
        streamhost::plan plan;
        host_options options;
        std::string text;
        std::string warnings;
    };

    /// Main thread, between.
    reload_report with_topology(const topology_choice& which, const std::function<reload_report(candidate)>& use) {
        auto other = options;
        if (!which.topology.empty()) {
            other.topology = which.topology;
            other.sets = which.sets;
        }
        try {
            auto checked = check_all(other, library, which.text);
            auto warnings = report(checked.result.problems, checked.source);
            auto text = checked.source.text;
            return use({take_plan(std::move(checked)), std::move(other), std::move(text), std::move(warnings)});
        } catch (const std::exception& e) {  // topology_error, configuration_error, or memory
            std::string text = e.what();
            if (!text.ends_with('\n')) text += '\n';
            return {false, text};
        }
    }

    reload_report preview_of(const topology_choice& which) {
        return with_topology(which, [this](const candidate& next) {
            return reload_report{true, next.warnings + to_text(runtime->change_for(next.plan))};
        });
    }

    std::string save(const std::string& file, const std::string& text) const {
        const auto problem = replace_file(file, text);
        if (!problem.empty()) return fmt::format("not saved in {}: {}\n", file, problem);
        return fmt::format("saved in {}\n", file);
    }

    /// `early`: gets the report as soon as the new graph runs; may be empty.
    reload_report change_to(candidate next, bool wants_saving, const done& early) {
        const auto change = runtime->change_for(next.plan);
        reload_report answer{true, next.warnings + to_text(change)};
        const auto taken_over = [&, watched = next.plan.watch, called = next.plan.name] {
            options = std::move(next.options);
            {
                const std::lock_guard lock(running_mutex);
                running = {options.topology, std::move(next.text)};
                name = called;
                watch = watched;
            }
            if (wants_saving) answer.text += save(running.file, running.text);
            if (early) early(answer);
        };
        if (change.empty()) {
            taken_over();
            return answer;
        }
        const auto failure = runtime->change_to(std::move(next.plan), taken_over);
        if (!failure.empty()) return {false, next.warnings + failure + "nothing has changed\n"};
        return answer;
    }

    /// Main thread, between.
    reload_report reload_to(const topology_choice& which, const done& early) {
        notify_service_manager("RELOADING=1");
        bool told = false;
        const auto tell = [&](const reload_report& report) {
            told = true;
            if (early) early(report);
        };
        const auto answer = with_topology(which, [&](candidate next) {
            return change_to(std::move(next), which.save && which.text.has_value(), tell);
        });
        if (!told && early) early(answer);
        say(answer);
        notify_service_manager("READY=1");
        return answer;
    }

    running_topology topology() const override {
        const std::lock_guard lock(running_mutex);
        return running;
    }
    std::vector<std::string> log_tail(std::string_view name) const override { return memory.tail(name); }
    void preview(done then, topology_choice which) override {
        runtime->call_between([this, then = std::move(then), which = std::move(which)] { then(preview_of(which)); });
    }
    void reload(done then, topology_choice which) override {
        runtime->call_between([this, then = std::move(then), which = std::move(which)] {
            (void)reload_to(which, then);
        });
    }

    void say(const reload_report& of) {
        std::istringstream lines(of.text);
        for (std::string line; std::getline(lines, line);) {
            if (of.good) log.info("reload: {}", line);
            else log.error("not reloaded: {}", line);
        }
        if (of.good) tell_addresses();
    }

    void tell_addresses() {
        if (!options.ready_file.empty()) write_ready_file(options.ready_file, runtime->snapshot());
    }

    void open_control(host& of) {
        control = std::make_unique<host_control>(host_control_parts{
            .of = of,
            .folder = options.control,
            .name = [this] {
                const std::lock_guard lock(running_mutex);
                return name;
            },
            .watched = [this] {
                const std::lock_guard lock(running_mutex);
                return watch ? std::optional(running) : std::nullopt;
            },
        });
    }

    host_options options;
    log_memory memory;
    logger log{"host"};
    module_library library;
    machine_world world;
    mutable std::mutex running_mutex;
    running_topology running;
    std::string name;    // of what runs
    bool watch = false;  // its file
    std::optional<host_runtime> runtime;
    std::unique_ptr<host_control> control;
};

host::host(host_options options) : parts_(std::make_unique<parts>(std::move(options))) {}

host::~host() {
    // What an abandoned thread may touch is never destroyed.
    if (abandoned()) (void)parts_.release();
}

int host::run() {
    const auto ready = [this] {
        parts_->open_control(*this);
        parts_->tell_addresses();  // who reads it may ask at once
        notify_service_manager("READY=1");
    };
    const int status = parts_->runtime->run(ready);
    parts_->control.reset();
    notify_service_manager("STOPPING=1");
    return status;
}

void host::reload(std::function<void(const reload_report&)> done, topology_choice which) {
    parts_->runtime->call_between([this, done = std::move(done), which = std::move(which)] {
        const auto report = parts_->reload_to(which, {});
        if (done) done(report);
    });
}

void host::preview(std::function<void(const reload_report&)> done, topology_choice which) {
    parts_->preview(std::move(done), std::move(which));
}

void host::stop(std::string_view reason) { parts_->runtime->stop_host(reason); }
host_snapshot host::snapshot() const { return parts_->runtime->snapshot(); }
bool host::abandoned() const noexcept { return parts_->runtime->abandoned(); }

check_report check_topology(const host_options& options) {
    auto library = make_library(options);
    const auto checked = check_all(options, library);
    return {checked.result.plan.has_value(), report(checked.result.problems, checked.source)};
}

std::string draw_topology(const host_options& options) {
    auto library = make_library(options);
    return mermaid(take_plan(check_all(options, library)));
}

check_report examine_machine(const host_options& options) {
    doctor examined;
    auto library = make_library(options);
    std::vector<std::string> problems;
    library.load_all(problems);
    examined.look_at_modules(library.all().size(), problems);
    examined.look_at_machine();
    if (options.topology.empty()) return examined.report();
    const auto checked = check_all(options, library);
    examined.look_at_topology(options.topology, checked.result.plan, report(checked.result.problems, checked.source));
    return examined.report();
}

std::string describe_modules(const host_options& options, std::string_view type, describe_form form) {
    auto library = make_library(options);
    std::vector<const module_info*> infos;
    std::vector<std::string> problems;
    if (type.empty()) {
        library.load_all(problems);
        infos = library.all();
    } else {
        const auto* const info = library.find(std::string(type));
        if (info == nullptr) {
            library.load_all(problems);
            std::vector<std::string> known;
            for (const auto* each : library.all()) known.push_back(each->type);
            throw configuration_error(fmt::format("there is no module type `{}`{}", type, did_you_mean(type, known)));
        }
        infos.push_back(info);
    }
    if (form == describe_form::markdown) {
        return describe_markdown(infos) + (type.empty() ? describe_host_keys_markdown() : std::string());
    }
    if (form == describe_form::json) {
        if (!type.empty()) return pretty(describe_json(*infos.front()));
        boost::json::array all;
        for (const auto* info : infos) all.push_back(describe_json(*info));
        return pretty(all);
    }
    std::string text = type.empty() ? describe_list(infos) : describe_text(*infos.front());
    for (const auto& problem : problems) text += fmt::format("\nnot loaded: {}\n", problem);
    return text;
}

schema_report describe_topologies(const host_options& options) {
    auto library = make_library(options);
    schema_report report;
    library.load_all(report.not_loaded);
    report.text = pretty(topology_schema(library.all()));
    return report;
}

std::string_view version() noexcept { return STREAMHOST_VERSION; }

}  // namespace streamhost
