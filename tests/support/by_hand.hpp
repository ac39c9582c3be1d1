#pragma once

#include <cstdlib>

namespace streamhost::test {

/// How often a test does a thing: `usual` times, or as a variable of the environment says to who runs it by hand.
inline int by_hand(const char* variable, int usual) {
    const char* const wanted = std::getenv(variable);
    return wanted == nullptr ? usual : std::atoi(wanted);
}

}  // namespace streamhost::test
