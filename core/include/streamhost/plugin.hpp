#pragma once

#include <streamhost/export.hpp>
#include <streamhost/fingerprint.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// How a module library shows itself: a note that is read before the library is loaded, and one C symbol.
namespace streamhost {

struct module_info;

/// Describes one module type. A class's own `static module_info describe()`.
using module_factory = module_info (*)();

/// What the exported C symbol returns. `first` points into the library, which stays mapped until the process ends.
struct module_factories {
    const module_factory* first;
    std::size_t count;
};

/// The name of the exported symbol, `module_factories streamhost_module_factories() noexcept`.
inline constexpr const char* factories_symbol = "streamhost_module_factories";

/// The note's owner and type in the sense of the ELF specification (System V gABI, chapter 5, "Note Section").
inline constexpr std::string_view note_owner = "streamhost";
inline constexpr std::uint32_t note_format = 1;

/// The descriptor of the note; `name_bytes` of class names follow it, each ended by NUL. They are the C++ names that
/// `STREAMHOST_MODULES` was given: the types' own names come from `describe()`, which only a loaded library can run.
struct note_descriptor {
    fingerprint built_with;
    std::uint32_t class_count = 0;
    std::uint32_t name_bytes = 0;
};
static_assert(sizeof(note_descriptor) == 48);

namespace detail {

/// The whole note, as it lies in the section.
template <std::size_t NameRoom>
struct library_note {
    std::uint32_t owner_bytes = note_owner.size() + 1;
    std::uint32_t descriptor_bytes = sizeof(note_descriptor) + NameRoom;
    std::uint32_t type = note_format;
    std::array<char, (note_owner.size() + 1 + 3) / 4 * 4> owner{};
    note_descriptor descriptor;
    std::array<char, NameRoom> names{};
};

/// `list` is the macro's arguments as text, "one, two<int, 3>": a comma between angle brackets separates nothing.
template <std::size_t ClassCount, std::size_t ListBytes>
consteval auto make_library_note(const char (&list)[ListBytes]) {
    constexpr std::size_t room = (ListBytes + 3) / 4 * 4;
    library_note<room> note;
    std::ranges::copy(note_owner, note.owner.begin());
    note.descriptor.built_with = fingerprint_here();
    note.descriptor.class_count = ClassCount;
    std::size_t written = 0;
    int depth = 0;
    for (std::size_t i = 0; i < ListBytes; ++i) {
        const char c = list[i];
        depth += c == '<' ? 1 : c == '>' ? -1 : 0;
        const bool separates = c == ',' && depth == 0;
        note.names[written++] = separates ? '\0' : c;
        if (separates && list[i + 1] == ' ') {
            ++i;
        }
    }
    note.descriptor.name_bytes = static_cast<std::uint32_t>(written);
    return note;
}

template <class... Modules>
struct module_table {
    static_assert(sizeof...(Modules) > 0, "STREAMHOST_MODULES names at least one class");
    static constexpr std::size_t count = sizeof...(Modules);
    static constexpr module_factory factories[count] = {&Modules::describe...};
};

}  // namespace detail
}  // namespace streamhost

// Clang's AddressSanitizer would pad and over-align the note like any global, which makes it no note any more.
#if defined(__clang__)
#define STREAMHOST_PLAIN_GLOBAL clang::no_sanitize("address", "hwaddress")
#else
#define STREAMHOST_PLAIN_GLOBAL
#endif

/// Makes a shared library a module library: `STREAMHOST_MODULES(soil_probe, rain_gauge)`, once per library, after the
/// classes. Each class has `static streamhost::module_info describe()`. Writes the note `.note.streamhost`, which
/// survives `strip` and `--gc-sections`, and defines the exported symbol.
#define STREAMHOST_MODULES(...)                                                                             \
    [[gnu::section(".note.streamhost"), gnu::used, gnu::retain, STREAMHOST_PLAIN_GLOBAL]] alignas(4)        \
    static constexpr auto streamhost_library_note =                                                         \
        ::streamhost::detail::make_library_note<::streamhost::detail::module_table<__VA_ARGS__>::count>(    \
            #__VA_ARGS__);                                                                                  \
    extern "C" STREAMHOST_API ::streamhost::module_factories streamhost_module_factories() noexcept {       \
        using streamhost_table = ::streamhost::detail::module_table<__VA_ARGS__>;                           \
        return {streamhost_table::factories, streamhost_table::count};                                      \
    }
