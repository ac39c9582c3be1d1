// A module library for the tests of the loader.
#include "module_info.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace {

/// Runs as soon as the library is mapped and leaves the library's path in the environment, a line for each.
struct trace {
    trace() {
        static const char inside = 0;
        Dl_info self{};
        ::dladdr(&inside, &self);
        const char* const before = std::getenv("STREAMHOST_TEST_MAPPED");
        const std::string line = std::string(self.dli_fname) + "\n";
        ::setenv("STREAMHOST_TEST_MAPPED", ((before == nullptr ? "" : before) + line).c_str(), 1);
    }
};
const trace mapped;

}  // namespace

#if defined(PROBE_MISSING_SYMBOL)
void defined_nowhere();
const auto needed = &defined_nowhere;
#endif

#if !defined(PROBE_NO_NOTE)
namespace soil {

struct probe {
    static streamhost::module_info describe() {
#if defined(PROBE_THROWING_DESCRIBE)
        throw std::runtime_error("no such unit: furlong");
#elif defined(PROBE_MISSING_SYMBOL)
        needed();
#endif
        return info_of("soil.probe");
    }
};

template <class Unit, int Digits>
struct gauge {
    static streamhost::module_info describe() {
#if defined(PROBE_SAME_TYPE_TWICE)
        return info_of("soil.probe");
#else
        return info_of("soil.gauge");
#endif
    }
};

}  // namespace soil

STREAMHOST_MODULES(soil::probe, soil::gauge<int, 3>)
#endif
