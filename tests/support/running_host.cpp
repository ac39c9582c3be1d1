#include "support/running_host.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace streamhost::test {
namespace {

child_program::options host_command(const scratch_folder& folder, const std::string& name, std::string_view topology,
                                    const std::vector<std::string>& arguments) {
    const auto file = folder.write(name + ".json", topology);
    const auto ready = folder / (name + ".ready");
    std::filesystem::remove(ready);  // of an earlier life
    std::vector<std::string> command{STREAMHOST_PROGRAM, "--topology",   file.string(), "--modules",
                                     STREAMHOST_TEST_MODULES, "--ready-file", ready.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    // Its control socket is found by those who look in the test's folder, and by nobody else.
    return {.command = std::move(command), .environment = {{"XDG_RUNTIME_DIR", folder / ""}}};
}

child_program::options with_ends(child_program::options command, const child_program::options& ends) {
    command.command.insert(command.command.end(), ends.command.begin(), ends.command.end());
    command.under = ends.under;
    command.input = ends.input;
    command.terminal = ends.terminal;
    command.environment.insert(command.environment.begin(), ends.environment.begin(), ends.environment.end());
    return command;
}

}  // namespace

running_host::running_host(const scratch_folder& folder, std::string name, std::string_view topology,
                           const std::vector<std::string>& arguments)
    : child_program(folder, name, host_command(folder, name, topology, arguments)) {}

running_host::running_host(const scratch_folder& folder, std::string name, std::string_view topology,
                           const options& ends)
    : child_program(folder, name, with_ends(host_command(folder, name, topology, {}), ends)) {}

bool running_host::wait_ready(std::chrono::milliseconds limit) const {
    const auto ready = [&] { return std::filesystem::exists(ready_file()); };
    (void)folder().wait([&] { return ready() || ended(); }, limit, ended_handle());
    return ready();
}

std::uint16_t running_host::port(std::string_view instance, std::size_t which) const {
    const auto content = boost::json::parse(read_file(ready_file()));
    for (const auto& each : content.at("addresses").as_array()) {
        if (each.at("instance").as_string() != instance || which-- > 0) continue;
        const std::string bound(each.at("bound").as_string());
        return static_cast<std::uint16_t>(std::stoi(bound.substr(bound.rfind(':') + 1)));
    }
    return 0;
}

std::string running_host::address(std::string_view instance) const {
    return "127.0.0.1:" + std::to_string(port(instance));
}

std::filesystem::path running_host::control() const {
    const auto end = "." + std::to_string(host_pid()) + ".sock";
    for (const auto& each : std::filesystem::directory_iterator(folder() / "streamhost")) {
        if (each.path().filename().string().ends_with(end)) return each.path();
    }
    return {};
}

pid_t running_host::host_pid() const {
    return static_cast<pid_t>(boost::json::parse(read_file(ready_file())).at("pid").as_int64());
}

finished_program run_streamhost(const scratch_folder& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), STREAMHOST_PROGRAM);
    return run_program(folder, {.command = std::move(arguments), .environment = {{"XDG_RUNTIME_DIR", folder / ""}}});
}

}  // namespace streamhost::test
