#pragma once

#include <streamhost/export.hpp>

namespace streamhost::detail {
[[noreturn]] STREAMHOST_API void assertion_failed(const char* condition, const char* file, int line) noexcept;
}

/// A programmer's error ends the program, in every build. Never used for foreign input or for the environment.
#define STREAMHOST_ASSERT(condition) \
    ((condition) ? void() : ::streamhost::detail::assertion_failed(#condition, __FILE__, __LINE__))
