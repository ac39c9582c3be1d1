#pragma once

#include <streamhost/module_info.hpp>
#include <streamhost/plugin.hpp>

#include <string>
#include <utility>

/// The least that a description has to hold for a library to be loaded.
inline streamhost::module_info info_of(std::string type) {
    streamhost::module_info info;
    info.type = std::move(type);
    return info;
}
inline std::string described_type(streamhost::module_factory factory) { return factory().type; }
