#include "missing_display.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace streamhost::video {
namespace {

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

/// Qt's platforms that draw into memory.
bool needs_no_display(std::string_view platform) {
    return platform.starts_with("offscreen") || platform.starts_with("minimal") || platform.starts_with("vnc");
}

/// Whether the X server that DISPLAY names takes us, authority file and all. Qt's own way in, libxcb, is asked; it is
/// looked up at run time because Qt brings it, and a system without Qt has no use for it.
bool x_answers() {
    void* const library = ::dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    struct connection;
    const auto connect = reinterpret_cast<connection* (*)(const char*, int*)>(::dlsym(library, "xcb_connect"));
    const auto error_of = reinterpret_cast<int (*)(connection*)>(::dlsym(library, "xcb_connection_has_error"));
    const auto disconnect = reinterpret_cast<void (*)(connection*)>(::dlsym(library, "xcb_disconnect"));
    if (connect == nullptr || error_of == nullptr || disconnect == nullptr) return false;
    connection* const made = connect(nullptr, nullptr);  // never null
    const bool answers = error_of(made) == 0;
    disconnect(made);
    return answers;
}

}  // namespace

std::optional<std::string> missing_display() {
    if (needs_no_display(environment("QT_QPA_PLATFORM"))) return std::nullopt;
    const auto display = environment("DISPLAY");
    if (!display.empty()) {
        if (x_answers()) return std::nullopt;
        return fmt::format("the X server \"{}\", which DISPLAY names, does not let us in", display);
    }
    if (!environment("WAYLAND_DISPLAY").empty()) return "Wayland alone: windows need its X server, Xwayland, and DISPLAY";
    return "DISPLAY is not set";
}

}  // namespace streamhost::video
