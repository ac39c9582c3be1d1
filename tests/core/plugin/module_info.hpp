#pragma once

#include <streamhost/plugin.hpp>

#include <string>
#include <utility>

/// The least that a description has to hold for a library to be loaded.
namespace streamhost {
struct module_info {
    std::string type;
};
}  // namespace streamhost

inline streamhost::module_info info_of(std::string type) { return {std::move(type)}; }
inline std::string type_of(streamhost::module_factory factory) { return factory().type; }
