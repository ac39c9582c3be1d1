#pragma once

#include <streamhost/export.hpp>

#include <boost/asio/detail/config.hpp>
#include <boost/version.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// What a module library and its host must have in common for their objects to be laid out and named alike.
namespace streamhost {

/// The version of the public contract. Libraries of another major version are refused.
inline constexpr std::uint32_t sdk_version_major = 0;
inline constexpr std::uint32_t sdk_version_minor = 1;

enum class compiler_family : std::uint32_t { gcc = 1, clang = 2 };
enum class standard_library : std::uint32_t { libstdcxx = 1, libcxx = 2 };

/// Asio's macros that change what its types hold or how its functions are named.
namespace asio_macro {
inline constexpr std::uint32_t separate_compilation = 1u << 0;
inline constexpr std::uint32_t dyn_link = 1u << 1;
inline constexpr std::uint32_t no_deprecated = 1u << 2;
inline constexpr std::uint32_t io_uring = 1u << 3;
inline constexpr std::uint32_t io_uring_as_default = 1u << 4;
inline constexpr std::uint32_t epoll = 1u << 5;
inline constexpr std::uint32_t threads = 1u << 6;
inline constexpr std::uint32_t ts_executors = 1u << 7;
inline constexpr std::uint32_t ts_executor_as_default = 1u << 8;
inline constexpr std::uint32_t typeid_used = 1u << 9;
inline constexpr std::uint32_t std_coroutine = 1u << 10;
inline constexpr std::uint32_t own_recycling_cache_size = 1u << 11;
}  // namespace asio_macro

/// Switches that add members to standard or Asio types.
namespace debug_layout {
inline constexpr std::uint32_t glibcxx_debug = 1u << 0;
inline constexpr std::uint32_t libcxx_debug = 1u << 1;
inline constexpr std::uint32_t handler_tracking = 1u << 2;
inline constexpr std::uint32_t buffer_debugging = 1u << 3;
}  // namespace debug_layout

/// `undefined` is recorded and printed, but not compared: it changes no layout, and GCC does not tell it to the source.
namespace sanitizer {
inline constexpr std::uint32_t address = 1u << 0;
inline constexpr std::uint32_t thread = 1u << 1;
inline constexpr std::uint32_t memory = 1u << 2;
inline constexpr std::uint32_t hwaddress = 1u << 3;
inline constexpr std::uint32_t undefined = 1u << 4;
}  // namespace sanitizer

/// How one side was built. Its bytes are also its form in a library's note (native byte order, as the rest of the
/// file), so a change of the fields is a change of `note_format`. Pointer size and byte order are in the ELF header.
struct fingerprint {
    std::uint32_t sdk_major = 0;
    std::uint32_t sdk_minor = 0;         ///< printed only
    compiler_family compiler{};
    std::uint32_t compiler_version = 0;  ///< major * 10000 + minor * 100 + patch; printed only
    standard_library library{};
    std::uint32_t library_abi = 0;       ///< `_GLIBCXX_USE_CXX11_ABI` or `_LIBCPP_ABI_VERSION`
    std::uint32_t boost_version = 0;     ///< `BOOST_VERSION`
    std::uint32_t asio_macros = 0;       ///< bits of `asio_macro`
    std::uint32_t debug_layouts = 0;     ///< bits of `debug_layout`
    std::uint32_t sanitizers = 0;        ///< bits of `sanitizer`
};
static_assert(sizeof(fingerprint) == 40);

/// How `libstreamhost_core.so`, and thereby the host, was built. Any thread.
STREAMHOST_API const fingerprint& host_fingerprint() noexcept;

/// One line for people: "SDK 0.1, GCC 12.2.0, libstdc++ (C++11 ABI), Boost 1.81.0, AddressSanitizer".
STREAMHOST_API std::string to_text(const fingerprint& side);

/// A sentence for each compared field that differs, with the next step. Empty where the library fits the host.
STREAMHOST_API std::vector<std::string> differences(const fingerprint& library, const fingerprint& host);

namespace detail {

#if defined(__has_feature)
#define STREAMHOST_HAS_FEATURE(feature) __has_feature(feature)
#else
#define STREAMHOST_HAS_FEATURE(feature) 0
#endif

consteval std::uint32_t asio_macros_here() {
    using namespace asio_macro;
    std::uint32_t bits = 0;
#if defined(BOOST_ASIO_SEPARATE_COMPILATION)
    bits |= separate_compilation;
#endif
#if defined(BOOST_ASIO_DYN_LINK)
    bits |= dyn_link;
#endif
#if defined(BOOST_ASIO_NO_DEPRECATED)
    bits |= no_deprecated;
#endif
#if defined(BOOST_ASIO_HAS_IO_URING)
    bits |= io_uring;
#endif
#if defined(BOOST_ASIO_HAS_IO_URING_AS_DEFAULT)
    bits |= io_uring_as_default;
#endif
#if defined(BOOST_ASIO_HAS_EPOLL)
    bits |= epoll;
#endif
#if defined(BOOST_ASIO_HAS_THREADS)
    bits |= threads;
#endif
#if !defined(BOOST_ASIO_NO_TS_EXECUTORS)
    bits |= ts_executors;
#endif
#if defined(BOOST_ASIO_USE_TS_EXECUTOR_AS_DEFAULT)
    bits |= ts_executor_as_default;
#endif
#if !defined(BOOST_ASIO_NO_TYPEID)
    bits |= typeid_used;
#endif
#if defined(BOOST_ASIO_HAS_STD_COROUTINE)
    bits |= std_coroutine;
#endif
#if defined(BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE)
    // Asio's own default, which a later header sets where nobody else did.
    if (BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE != 2) {
        bits |= own_recycling_cache_size;
    }
#endif
    return bits;
}

consteval std::uint32_t debug_layouts_here() {
    using namespace debug_layout;
    std::uint32_t bits = 0;
#if defined(_GLIBCXX_DEBUG)
    bits |= glibcxx_debug;
#endif
#if defined(_LIBCPP_ENABLE_DEBUG_MODE) || defined(_LIBCPP_DEBUG)
    bits |= libcxx_debug;
#endif
#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING) || defined(BOOST_ASIO_CUSTOM_HANDLER_TRACKING)
    bits |= handler_tracking;
#endif
    // Asio turns this one on by itself with the standard library's debug mode, in a header that may not be read yet.
#if defined(BOOST_ASIO_ENABLE_BUFFER_DEBUGGING) || \
    (defined(_GLIBCXX_DEBUG) && !defined(BOOST_ASIO_DISABLE_BUFFER_DEBUGGING))
    bits |= buffer_debugging;
#endif
    return bits;
}

consteval std::uint32_t sanitizers_here() {
    std::uint32_t bits = 0;
#if defined(__SANITIZE_ADDRESS__) || STREAMHOST_HAS_FEATURE(address_sanitizer)
    bits |= sanitizer::address;
#endif
#if defined(__SANITIZE_THREAD__) || STREAMHOST_HAS_FEATURE(thread_sanitizer)
    bits |= sanitizer::thread;
#endif
#if STREAMHOST_HAS_FEATURE(memory_sanitizer)
    bits |= sanitizer::memory;
#endif
#if defined(__SANITIZE_HWADDRESS__) || STREAMHOST_HAS_FEATURE(hwaddress_sanitizer)
    bits |= sanitizer::hwaddress;
#endif
#if STREAMHOST_HAS_FEATURE(undefined_behavior_sanitizer)
    bits |= sanitizer::undefined;
#endif
    return bits;
}

#undef STREAMHOST_HAS_FEATURE

/// The fingerprint of the translation unit that asks. `consteval` leaves no symbol behind that units built with other
/// flags could share.
consteval fingerprint fingerprint_here() {
    return {
        .sdk_major = sdk_version_major,
        .sdk_minor = sdk_version_minor,
#if defined(__clang__)
        .compiler = compiler_family::clang,
        .compiler_version = __clang_major__ * 10000 + __clang_minor__ * 100 + __clang_patchlevel__,
#elif defined(__GNUC__)
        .compiler = compiler_family::gcc,
        .compiler_version = __GNUC__ * 10000 + __GNUC_MINOR__ * 100 + __GNUC_PATCHLEVEL__,
#else
#error "streamhost is built with GCC or Clang"
#endif
#if defined(_LIBCPP_VERSION)
        .library = standard_library::libcxx,
        .library_abi = _LIBCPP_ABI_VERSION,
#else
        .library = standard_library::libstdcxx,
        .library_abi = _GLIBCXX_USE_CXX11_ABI,
#endif
        .boost_version = BOOST_VERSION,
        .asio_macros = asio_macros_here(),
        .debug_layouts = debug_layouts_here(),
        .sanitizers = sanitizers_here(),
    };
}

}  // namespace detail
}  // namespace streamhost
