#include "display_probe.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>
#include <utility>

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

/// A connection to the X server that DISPLAY names, if it takes us, authority file and all. Qt's own way in, libxcb, is
/// asked; it is looked up at run time because Qt brings it, and a system without Qt has no use for it.
std::shared_ptr<void> connect_to_x() {
    void* const library = ::dlopen("libxcb.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return nullptr;
    const auto connect = reinterpret_cast<void* (*)(const char*, int*)>(::dlsym(library, "xcb_connect"));
    const auto error_of = reinterpret_cast<int (*)(void*)>(::dlsym(library, "xcb_connection_has_error"));
    const auto disconnect = reinterpret_cast<void (*)(void*)>(::dlsym(library, "xcb_disconnect"));
    if (connect == nullptr || error_of == nullptr || disconnect == nullptr) return nullptr;
    std::shared_ptr<void> made(connect(nullptr, nullptr), disconnect);  // never null
    return error_of(made.get()) == 0 ? made : nullptr;
}

}  // namespace

display_probe probe_display() {
    if (needs_no_display(environment("QT_QPA_PLATFORM"))) return {};
    const auto display = environment("DISPLAY");
    if (!display.empty()) {
        if (auto connection = connect_to_x()) return {{}, std::move(connection)};
        return {fmt::format("the X server \"{}\", which DISPLAY names, does not let us in", display), nullptr};
    }
    if (!environment("WAYLAND_DISPLAY").empty()) {
        return {"Wayland alone: windows need its X server, Xwayland, and DISPLAY", nullptr};
    }
    return {"DISPLAY is not set", nullptr};
}

}  // namespace streamhost::video
