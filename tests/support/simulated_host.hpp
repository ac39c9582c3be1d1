#pragma once

#include "runtime/host_runtime.hpp"
#include "runtime/simulation.hpp"
#include "topology/plan.hpp"

#include <streamhost/module.hpp>

#include <string>

namespace streamhost::test {

/// Puts a plan together from module classes of a test, without a file and without libraries.
class plan_builder {
public:
    explicit plan_builder(std::string name = "test") { plan_.name = std::move(name); }

    template <class Module>
    plan_instance& add(std::string name, boost::json::object settings = {}, std::string lane = "default") {
        static const module_info info = Module::describe();  // plans point to it, and outlive their builder
        plan_instance one;
        one.name = std::move(name);
        one.info = &info;
        for (const auto& setting : info.settings) one.settings[setting.name] = setting.default_value;
        for (auto& [key, value] : settings) one.settings[key] = value;
        one.ports = info.ports_for ? info.ports_for(one.settings) : info.ports;
        one.lane = std::move(lane);
        plan_.instances.push_back(std::move(one));
        return plan_.instances.back();
    }

    /// "camera.frames", "jpeg.frames"
    void link(const std::string& from, const std::string& to, queue_options queue = usual_queue(queue_policy::wait)) {
        const auto [from_index, output] = split(from);
        const auto [to_index, input] = split(to);
        const auto* const type = type_of_port(plan_.instances[from_index].ports.outputs, output);
        plan_.links.push_back({.from = from_index,
                               .output = output,
                               .to = to_index,
                               .input = input,
                               .type = type != nullptr ? type : type_of_port(plan_.instances[to_index].ports.inputs, input),
                               .queue = queue});
    }

    const streamhost::plan& plan() const noexcept { return plan_; }

private:
    static const message_type* type_of_port(const std::vector<port_info>& ports, const std::string& name) {
        for (const auto& port : ports) {
            if (port.name == name) return port.type;
        }
        throw std::logic_error("no port " + name);
    }

    std::pair<std::size_t, std::string> split(const std::string& end) const {
        const auto dot = end.find('.');
        for (std::size_t i = 0; i < plan_.instances.size(); ++i) {
            if (plan_.instances[i].name == end.substr(0, dot)) return {i, end.substr(dot + 1)};
        }
        throw std::logic_error("no instance " + end);
    }

    streamhost::plan plan_;
};

}  // namespace streamhost::test
