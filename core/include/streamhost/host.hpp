#pragma once

#include <streamhost/export.hpp>
#include <streamhost/host_view.hpp>
#include <streamhost/snapshot.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// All that a program needs which runs topologies: the command line is one, your own may be another.
namespace streamhost {

/// A topology and what changes it.
struct host_options {
    std::string topology;  ///< path of the file
    std::vector<std::pair<std::string, std::string>> sets;  ///< `--set path=value`
    std::vector<std::filesystem::path> module_folders;      ///< looked into first, in this order
    std::filesystem::path executable;  ///< the running program: its modules lie in ../lib/streamhost/modules
    std::string log_level;   ///< as `configure_log` takes it; empty: what the topology says, else "info"
    std::string ready_file;  ///< gets process id and bound addresses as JSON once all is prepared; empty: none
    bool allow_faults = false;  ///< links may have a `fault`, which tests need
    std::filesystem::path control;  ///< folder for the control socket, "NAME.PID.sock"; empty: none
};

/// A topology with errors. The text lists every problem, a line each.
class STREAMHOST_API topology_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A running topology. Made, run and destroyed on the main thread; windows need that.
class STREAMHOST_API host {
public:
    /// Reads and checks the topology and loads the modules that it names; nothing runs yet. Throws `topology_error`, and
    /// `configuration_error` where the file cannot be read.
    explicit host(host_options options);
    ~host();
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    /// Until everything has ended. 0 after a clean end, 1 where something failed.
    int run();

    /// Any thread: reads the topology again, or another one from now on, and turns what runs into it, or changes nothing
    /// where it has errors or what is new cannot be prepared. `done` is called on the main thread, and never where the
    /// host ends before.
    void reload(std::function<void(const reload_report&)> done = {}, topology_choice which = {});

    /// Any thread: what such a reload would do. `done` as there.
    void preview(std::function<void(const reload_report&)> done, topology_choice which = {});

    /// Any thread: drains. `reason` is logged.
    void stop(std::string_view reason);

    /// Any thread.
    host_snapshot snapshot() const;

    /// A module's thread could not be ended: leave with `_exit`, since destructors would pull memory from under it.
    bool abandoned() const noexcept;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

/// What `streamhost check` prints, warnings included, and whether the topology may run.
struct check_report {
    bool good = false;
    std::string text;
};
STREAMHOST_API check_report check_topology(const host_options& options);

/// The wiring as a Mermaid flow chart. Throws `topology_error`.
STREAMHOST_API std::string draw_topology(const host_options& options);

enum class describe_form { text, json, markdown };

/// What the installed modules are, or one type of them. Throws `configuration_error` for a type that is not there.
STREAMHOST_API std::string describe_modules(const host_options& options, std::string_view type, describe_form form);

/// What `streamhost doctor` prints: cameras, sound, display, network, clock, limits and modules of this machine, and, where
/// `options` names a topology, its addresses. Not good where something has to be mended.
STREAMHOST_API check_report examine_machine(const host_options& options);
/// The JSON Schema of topologies with the settings of every installed module, which editors complete and check by, and
/// why libraries were not loaded, whose types are missing in it.
struct schema_report {
    std::string text;
    std::vector<std::string> not_loaded;
};
STREAMHOST_API schema_report describe_topologies(const host_options& options);

/// "0.1.0"
STREAMHOST_API std::string_view version() noexcept;

}  // namespace streamhost
