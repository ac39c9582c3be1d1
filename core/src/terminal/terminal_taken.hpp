#pragma once

#include <streamhost/result.hpp>

#include <fmt/format.h>

#include <string>

namespace streamhost {

/// A second claimant.
inline configuration_error terminal_taken(const std::string& holder) {
    return configuration_error(
        fmt::format("the terminal is held by `{}`: only one instance of a host can have it", holder));
}

}  // namespace streamhost
