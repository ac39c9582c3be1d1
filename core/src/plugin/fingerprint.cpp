#include <streamhost/fingerprint.hpp>

#include <fmt/format.h>

#include <span>
#include <string_view>

namespace streamhost {
namespace {

static_assert(sdk_version_major == STREAMHOST_PROJECT_MAJOR && sdk_version_minor == STREAMHOST_PROJECT_MINOR,
              "fingerprint.hpp and the top CMakeLists.txt name different versions");

/// One bit of a fingerprint's set, and what an author does where the two sides differ in it.
struct named_bit {
    std::uint32_t bit;
    std::string_view name;
    std::string_view library_has_it;    ///< next step where only the library was built with it
    std::string_view library_lacks_it;  ///< next step where only the host was built with it
};

constexpr std::string_view use_target =
    "link the CMake target `streamhost::core`, which sets Asio's macros, and set none of your own";

constexpr named_bit asio_bits[] = {
    {asio_macro::separate_compilation, "BOOST_ASIO_SEPARATE_COMPILATION", use_target, use_target},
    {asio_macro::dyn_link, "BOOST_ASIO_DYN_LINK", use_target, use_target},
    {asio_macro::no_deprecated, "BOOST_ASIO_NO_DEPRECATED", use_target, use_target},
    {asio_macro::io_uring, "BOOST_ASIO_HAS_IO_URING", use_target, use_target},
    {asio_macro::io_uring_as_default, "BOOST_ASIO_HAS_IO_URING_AS_DEFAULT", use_target, use_target},
    {asio_macro::epoll, "BOOST_ASIO_HAS_EPOLL", use_target, use_target},
    {asio_macro::threads, "BOOST_ASIO_HAS_THREADS", use_target, use_target},
    {asio_macro::ts_executors, "Asio's TS executors", use_target, use_target},
    {asio_macro::ts_executor_as_default, "BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT", use_target, use_target},
    {asio_macro::typeid_used, "run-time type information in Asio", "drop `-fno-rtti` from the host's build",
     "drop `-fno-rtti`"},
    {asio_macro::std_coroutine, "BOOST_ASIO_HAS_STD_COROUTINE", "build both sides as C++20 or later",
     "build it as C++20 or later"},
    {asio_macro::own_recycling_cache_size, "a BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE of its own", use_target,
     use_target},
};

constexpr named_bit debug_bits[] = {
    {debug_layout::glibcxx_debug, "_GLIBCXX_DEBUG", "drop the macro", "define the macro"},
    {debug_layout::libcxx_debug, "libc++'s debug mode", "drop it", "turn it on"},
    {debug_layout::handler_tracking, "BOOST_ASIO_ENABLE_HANDLER_TRACKING", "drop the macro", "define the macro"},
    {debug_layout::buffer_debugging, "BOOST_ASIO_ENABLE_BUFFER_DEBUGGING", "drop the macro", "define the macro"},
};

constexpr named_bit sanitizer_bits[] = {
    {sanitizer::address, "AddressSanitizer", "use preset `asan` or drop the flag",
     "add `-fsanitize=address` or use a host built without"},
    {sanitizer::thread, "ThreadSanitizer", "use preset `tsan` or drop the flag",
     "add `-fsanitize=thread` or use a host built without"},
    {sanitizer::memory, "MemorySanitizer", "drop the flag", "add `-fsanitize=memory` or use a host built without"},
    {sanitizer::hwaddress, "HWAddressSanitizer", "drop the flag",
     "add `-fsanitize=hwaddress` or use a host built without"},
};

std::string name_of(compiler_family family) {
    switch (family) {
        case compiler_family::gcc: return "GCC";
        case compiler_family::clang: return "Clang";
    }
    return fmt::format("an unknown compiler ({})", static_cast<std::uint32_t>(family));
}

std::string standard_library_text(const fingerprint& side) {
    switch (side.library) {
        case standard_library::libstdcxx:
            return side.library_abi == 1 ? "libstdc++ (C++11 ABI)"
                                         : fmt::format("libstdc++ (_GLIBCXX_USE_CXX11_ABI={})", side.library_abi);
        case standard_library::libcxx: return fmt::format("libc++ (ABI {})", side.library_abi);
    }
    return fmt::format("an unknown C++ library ({})", static_cast<std::uint32_t>(side.library));
}

/// `BOOST_VERSION` is major * 100000 + minor * 100 + patch.
std::string boost_text(std::uint32_t version) {
    return fmt::format("Boost {}.{}.{}", version / 100000, version / 100 % 1000, version % 100);
}

std::string compiler_text(const fingerprint& side) {
    const auto version = side.compiler_version;
    return fmt::format("{} {}.{}.{}", name_of(side.compiler), version / 10000, version / 100 % 100, version % 100);
}

/// `known` plus a sentence for bits that this host does not know: a later SDK of the same major may have set them.
void compare_bits(std::uint32_t library, std::uint32_t host, std::span<const named_bit> known, std::string_view kind,
                  std::vector<std::string>& sentences) {
    std::uint32_t differing = library ^ host;
    for (const named_bit& entry : known) {
        if ((differing & entry.bit) == 0) {
            continue;
        }
        differing &= ~entry.bit;
        const bool has = (library & entry.bit) != 0;
        sentences.push_back(fmt::format("built {} {}, the host {}: {}", has ? "with" : "without", entry.name,
                                        has ? "without" : "with", has ? entry.library_has_it : entry.library_lacks_it));
    }
    if (differing != 0) {
        sentences.push_back(fmt::format("built with {} that this host does not know ({:#x}): "
                                        "build it against the host's own SDK", kind, differing));
    }
}

void append_names(std::uint32_t bits, std::span<const named_bit> known, std::string& line) {
    for (const named_bit& entry : known) {
        if ((bits & entry.bit) != 0) {
            line += fmt::format(", {}", entry.name);
        }
    }
}

}  // namespace

const fingerprint& host_fingerprint() noexcept {
    static constexpr fingerprint host = detail::fingerprint_here();
    return host;
}

std::string to_text(const fingerprint& side) {
    std::string line = fmt::format("SDK {}.{}, {}, {}, {}, Asio {:#x}", side.sdk_major, side.sdk_minor,
                                   compiler_text(side), standard_library_text(side), boost_text(side.boost_version),
                                   side.asio_macros);
    append_names(side.debug_layouts, debug_bits, line);
    append_names(side.sanitizers, sanitizer_bits, line);
    if ((side.sanitizers & sanitizer::undefined) != 0) {
        line += ", UndefinedBehaviorSanitizer";
    }
    return line;
}

std::vector<std::string> differences(const fingerprint& library, const fingerprint& host) {
    std::vector<std::string> sentences;
    if (library.sdk_major != host.sdk_major) {
        sentences.push_back(fmt::format("built with SDK {}.{}, the host with {}.{}: build it against SDK {}",
                                        library.sdk_major, library.sdk_minor, host.sdk_major, host.sdk_minor,
                                        host.sdk_major));
    }
    if (library.compiler != host.compiler) {
        sentences.push_back(fmt::format("built with {}, the host with {}: build it with {}, whose names for Asio's "
                                        "functions the host has", name_of(library.compiler), name_of(host.compiler),
                                        name_of(host.compiler)));
    }
    if (library.library != host.library || library.library_abi != host.library_abi) {
        const std::string_view step = library.library != host.library ? "`-stdlib=`" : "`-D_GLIBCXX_USE_CXX11_ABI=`";
        sentences.push_back(fmt::format("built with {}, the host with {}: choose the host's with {}",
                                        standard_library_text(library), standard_library_text(host), step));
    }
    if (library.boost_version != host.boost_version) {
        sentences.push_back(fmt::format("built with {}, the host with {}: build it against {}",
                                        boost_text(library.boost_version), boost_text(host.boost_version),
                                        boost_text(host.boost_version)));
    }
    compare_bits(library.asio_macros, host.asio_macros, asio_bits, "Asio macros", sentences);
    compare_bits(library.debug_layouts, host.debug_layouts, debug_bits, "a debug layout", sentences);
    compare_bits(library.sanitizers & ~sanitizer::undefined, host.sanitizers & ~sanitizer::undefined, sanitizer_bits,
                 "a sanitizer", sentences);
    return sentences;
}

}  // namespace streamhost
