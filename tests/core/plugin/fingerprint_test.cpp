#include <streamhost/fingerprint.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace streamhost;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr std::uint32_t usual_asio = asio_macro::separate_compilation | asio_macro::dyn_link;

constexpr fingerprint plain{
    .sdk_major = 0,
    .sdk_minor = 1,
    .compiler = compiler_family::gcc,
    .compiler_version = 120200,
    .library = standard_library::libstdcxx,
    .library_abi = 1,
    .boost_version = 108100,
    .asio_macros = usual_asio,
    .debug_layouts = 0,
    .sanitizers = 0,
};

fingerprint with(auto fingerprint::*field, auto value) {
    fingerprint changed = plain;
    changed.*field = value;
    return changed;
}

}  // namespace

TEST(fingerprint, equal_sides_fit) {
    EXPECT_THAT(differences(plain, plain), IsEmpty());
}

TEST(fingerprint, this_program_fits_the_core_library_it_is_linked_to) {
    EXPECT_THAT(differences(detail::fingerprint_here(), host_fingerprint()), IsEmpty());
    EXPECT_EQ(host_fingerprint().boost_version, std::uint32_t{BOOST_VERSION});
}

TEST(fingerprint, what_is_only_printed_is_not_compared) {
    EXPECT_THAT(differences(with(&fingerprint::sdk_minor, 7u), plain), IsEmpty());
    EXPECT_THAT(differences(with(&fingerprint::compiler_version, 130100u), plain), IsEmpty());
    EXPECT_THAT(differences(with(&fingerprint::sanitizers, sanitizer::undefined), plain), IsEmpty());
}

TEST(fingerprint, each_difference_has_its_sentence_and_next_step) {
    struct row {
        fingerprint library;
        const char* sentence;
    };
    const row rows[] = {
        {with(&fingerprint::sdk_major, 1u), "built with SDK 1.1, the host with 0.1: build it against SDK 0"},
        {with(&fingerprint::compiler, compiler_family::clang),
         "built with Clang, the host with GCC: build it with GCC, whose names for Asio's functions the host has"},
        {with(&fingerprint::compiler, compiler_family{9}),
         "built with an unknown compiler (9), the host with GCC: build it with GCC, whose names for Asio's functions "
         "the host has"},
        {with(&fingerprint::library, standard_library::libcxx),
         "built with libc++ (ABI 1), the host with libstdc++ (C++11 ABI): choose the host's with `-stdlib=`"},
        {with(&fingerprint::library_abi, 0u),
         "built with libstdc++ (_GLIBCXX_USE_CXX11_ABI=0), the host with libstdc++ (C++11 ABI): choose the host's with "
         "`-D_GLIBCXX_USE_CXX11_ABI=`"},
        {with(&fingerprint::boost_version, 108300u),
         "built with Boost 1.83.0, the host with Boost 1.81.0: build it against Boost 1.81.0"},
        {with(&fingerprint::boost_version, 108101u),
         "built with Boost 1.81.1, the host with Boost 1.81.0: build it against Boost 1.81.0"},
        {with(&fingerprint::asio_macros, asio_macro::separate_compilation),
         "built without BOOST_ASIO_DYN_LINK, the host with: link the CMake target `streamhost::core`, which sets "
         "Asio's macros, and set none of your own"},
        {with(&fingerprint::asio_macros, usual_asio | asio_macro::io_uring),
         "built with BOOST_ASIO_HAS_IO_URING, the host without: link the CMake target `streamhost::core`, which sets "
         "Asio's macros, and set none of your own"},
        {with(&fingerprint::asio_macros, usual_asio | 1u << 30),
         "built with Asio macros that this host does not know (0x40000000): build it against the host's own SDK"},
        {with(&fingerprint::debug_layouts, debug_layout::glibcxx_debug),
         "built with _GLIBCXX_DEBUG, the host without: drop the macro"},
        {with(&fingerprint::debug_layouts, debug_layout::handler_tracking),
         "built with BOOST_ASIO_ENABLE_HANDLER_TRACKING, the host without: drop the macro"},
        {with(&fingerprint::sanitizers, sanitizer::address),
         "built with AddressSanitizer, the host without: use preset `asan` or drop the flag"},
        {with(&fingerprint::sanitizers, sanitizer::thread),
         "built with ThreadSanitizer, the host without: use preset `tsan` or drop the flag"},
    };
    for (const row& row : rows) {
        EXPECT_THAT(differences(row.library, plain), ElementsAre(row.sentence));
    }
}

TEST(fingerprint, a_library_that_lacks_the_hosts_sanitizer_is_told_the_flag) {
    EXPECT_THAT(differences(plain, with(&fingerprint::sanitizers, sanitizer::thread)),
                ElementsAre("built without ThreadSanitizer, the host with: add `-fsanitize=thread` or use a host built "
                            "without"));
}

TEST(fingerprint, all_differences_are_told_together) {
    fingerprint library = with(&fingerprint::boost_version, 108300u);
    library.sanitizers = sanitizer::address | sanitizer::thread;
    library.compiler = compiler_family::clang;
    EXPECT_THAT(differences(library, plain),
                ElementsAre(HasSubstr("Clang"), HasSubstr("Boost"), HasSubstr("AddressSanitizer"),
                            HasSubstr("ThreadSanitizer")));
}

TEST(fingerprint, its_text_names_everything) {
    fingerprint side = plain;
    side.debug_layouts = debug_layout::glibcxx_debug;
    side.sanitizers = sanitizer::address | sanitizer::undefined;
    EXPECT_EQ(to_text(side),
              "SDK 0.1, GCC 12.2.0, libstdc++ (C++11 ABI), Boost 1.81.0, Asio 0x3, _GLIBCXX_DEBUG, AddressSanitizer, "
              "UndefinedBehaviorSanitizer");
}
