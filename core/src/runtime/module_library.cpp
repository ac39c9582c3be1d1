#include "runtime/module_library.hpp"

#include "plugin/loader.hpp"

#include <streamhost/result.hpp>

namespace streamhost {

void module_library::load(const std::filesystem::path& library) {
    if (!loaded_.insert(library).second) return;
    const auto found = plugin::load_library(library, [](module_factory factory) { return factory().type; });
    for (const auto& each : found.modules) types_.insert_or_assign(each.type, each.describe());
}

const module_info* module_library::find(const std::string& type) {
    if (!types_.contains(type)) load(search_.find(type));
    const auto found = types_.find(type);
    return found == types_.end() ? nullptr : &found->second;
}

void module_library::load_all(std::vector<std::string>& problems) {
    for (const auto& library : search_.all()) {
        try {
            load(search_.admit(library));
        } catch (const configuration_error& e) {
            problems.emplace_back(e.what());
        }
    }
}

std::vector<const module_info*> module_library::all() const {
    std::vector<const module_info*> infos;
    for (const auto& [type, info] : types_) infos.push_back(&info);
    return infos;
}

}  // namespace streamhost
