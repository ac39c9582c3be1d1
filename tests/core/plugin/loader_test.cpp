#include "module_info.hpp"
#include "plugin/library_error.hpp"
#include "plugin/library_search.hpp"
#include "plugin/loader.hpp"
#include "probe_file.hpp"

#include <streamhost/result.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

using namespace streamhost;
using namespace streamhost::plugin;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

/// How often a library's own constructors have run in this process.
std::ptrdiff_t times_mapped(const std::filesystem::path& library) {
    const char* const trace = std::getenv("STREAMHOST_TEST_MAPPED");
    const std::string line = library.string() + "\n";
    std::ptrdiff_t times = 0;
    std::string_view rest = trace == nullptr ? "" : trace;
    for (; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
        times += rest.starts_with(line) ? 1 : 0;
    }
    return times;
}

std::string refusal(const std::filesystem::path& library) {
    try {
        load_library(library, described_type);
    } catch (const configuration_error& refused) {
        return refused.what();
    }
    return "it was loaded";
}

/// Both the text and that nothing of the library ran.
void expect_refused_unread(const std::filesystem::path& library, const testing::Matcher<std::string>& text) {
    EXPECT_THAT(refusal(library), AllOf(StartsWith("module library " + library.string() + " is not loaded:"), text));
    EXPECT_EQ(times_mapped(library), 0);
}

std::string both_sides(const std::filesystem::path& library) {
    return "\n  library: " + to_text(read_note(library)->built_with) + "\n  host:    " + to_text(host_fingerprint());
}

}  // namespace

TEST(loader, loads_a_fitting_library_and_tells_its_types) {
    const loaded_library library = load_library(probe_path("good"), described_type);
    EXPECT_EQ(times_mapped(probe_path("good")), 1);
    ASSERT_EQ(library.modules.size(), 2u);
    EXPECT_EQ(library.modules[0].type, "soil.probe");
    EXPECT_EQ(library.modules[0].class_name, "soil::probe");
    EXPECT_EQ(library.modules[1].type, "soil.gauge");
    EXPECT_EQ(library.modules[1].class_name, "soil::gauge<int, 3>");
    EXPECT_EQ(library.at("soil.gauge").describe().type, "soil.gauge");
}

TEST(loader, a_second_load_maps_nothing_new) {
    const loaded_library first = load_library(probe_path("stripped"), described_type);
    const loaded_library second = load_library(probe_path("stripped"), described_type);
    EXPECT_EQ(first.at("soil.probe").describe, second.at("soil.probe").describe);
    EXPECT_EQ(times_mapped(probe_path("stripped")), 1);
}

TEST(loader, a_relative_path_is_the_working_directorys) {
    std::filesystem::current_path(PROBE_DIR);
    EXPECT_EQ(load_library("good.so", described_type).path, probe_path("good"));
}

TEST(loader, a_type_that_the_library_lacks_is_answered_with_what_it_has) {
    const loaded_library library = load_library(probe_path("good"), described_type);
    try {
        library.at("soil.moisture");
        FAIL();
    } catch (const configuration_error& missing) {
        EXPECT_EQ(missing.what(), "module library " + probe_path("good").string() +
                                      " has no type soil.moisture; it provides soil.probe, soil.gauge");
    }
}

TEST(loader, finds_and_loads_through_the_search) {
    scratch_folder folder;
    std::filesystem::copy_file(probe_path("good"), folder.path() / "soil.so");
    const library_search search({folder.path()}, "/nowhere/bin/streamhost");
    EXPECT_EQ(load_library(search.find("soil.probe"), described_type).at("soil.probe").class_name, "soil::probe");
}

TEST(loader, libraries_with_altered_notes_are_refused_before_a_constructor_runs) {
    struct row {
        const char* name;
        void (*change)(probe_file&);
        const char* sentence;
    };
    static const auto other_family =
        host_fingerprint().compiler == compiler_family::gcc ? compiler_family::clang : compiler_family::gcc;
    const row rows[] = {
        {"sdk", [](probe_file& f) { f.set(&fingerprint::sdk_major, 99u); },
         "\n  built with SDK 99."},
        {"compiler", [](probe_file& f) { f.set(&fingerprint::compiler, other_family); }, ": build it with "},
        {"library_abi", [](probe_file& f) { f.set(&fingerprint::library_abi, 0u); },
         ": choose the host's with `-D_GLIBCXX_USE_CXX11_ABI=`"},
        {"boost", [](probe_file& f) { f.set(&fingerprint::boost_version, 109000u); },
         "\n  built with Boost 1.90.0, the host"},
        {"asio", [](probe_file& f) { f.set(&fingerprint::asio_macros, 0u); },
         "\n  built without BOOST_ASIO_SEPARATE_COMPILATION, the host with: link the CMake target"},
        {"debug", [](probe_file& f) { f.set(&fingerprint::debug_layouts, ~host_fingerprint().debug_layouts & 15); },
         "\n  built with _GLIBCXX_DEBUG, the host without: drop the macro"},
        {"sanitizer", [](probe_file& f) { f.set(&fingerprint::sanitizers, sanitizer::hwaddress); },
         "\n  built with HWAddressSanitizer, the host without: drop the flag"},
    };
    scratch_folder folder;
    for (const row& row : rows) {
        SCOPED_TRACE(row.name);
        probe_file file("good");
        row.change(file);
        const auto path = file.write(folder.path() / (std::string(row.name) + ".so"));
        expect_refused_unread(path, AllOf(HasSubstr(row.sentence), EndsWith(both_sides(path))));
    }
}

TEST(loader, truncated_libraries_are_refused_before_a_constructor_runs) {
    scratch_folder folder;
    probe_file file("stripped");
    const std::size_t whole = file.bytes().size();
    for (int sixteenth = 0; sixteenth < 10; ++sixteenth) {
        SCOPED_TRACE(sixteenth);
        probe_file cut = file;
        cut.bytes().resize(whole * static_cast<std::size_t>(sixteenth) / 16);
        const auto path = cut.write(folder.path() / (std::to_string(sixteenth) + ".so"));
        expect_refused_unread(path, HasSubstr(sixteenth == 0 ? ": it is not a shared library: build it with "
                                                             : ": the file is truncated or damaged: build or copy"));
    }
}

TEST(loader, a_library_of_another_sanitizer_is_refused_before_a_constructor_runs) {
    const std::uint32_t host = host_fingerprint().sanitizers;
    const char* const sentence =
        (host & sanitizer::address) != 0
            ? "\n  built without AddressSanitizer, the host with: add `-fsanitize=address` or use a host built without"
        : (host & sanitizer::thread) != 0
            ? "\n  built without ThreadSanitizer, the host with: add `-fsanitize=thread` or use a host built without"
            : "\n  built with AddressSanitizer, the host without: use preset `asan` or drop the flag";
    const auto path = probe_path("other_sanitizer");
    expect_refused_unread(path, AllOf(HasSubstr(sentence), EndsWith(both_sides(path))));
}

TEST(loader, a_library_of_another_compiler_is_refused_before_a_constructor_runs) {
    const auto path = probe_path("other_compiler");
    if (!std::filesystem::exists(path)) {
        GTEST_SKIP() << "the other compiler family (Clang 16 for GCC, GCC for Clang) is not installed";
    }
    expect_refused_unread(path, AllOf(HasSubstr(host_fingerprint().compiler == compiler_family::gcc
                                                    ? "\n  built with Clang, the host with GCC: build it with GCC"
                                                    : "\n  built with GCC, the host with Clang: build it with Clang"),
                                      EndsWith(both_sides(path))));
}

TEST(loader, other_shared_libraries_are_refused_before_a_constructor_runs) {
    expect_refused_unread(probe_path("no_note"),
                          EndsWith(": it is a shared library, but not a streamhost module: build it with "
                                   "STREAMHOST_MODULES from <streamhost/module.hpp>, or move it out of the folder"));
}

TEST(loader, a_run_path_below_the_working_directory_is_refused_before_a_constructor_runs) {
    expect_refused_unread(probe_path("relative_rpath"),
                          HasSubstr(": link it with an rpath that begins with `/` or `$ORIGIN`"));
}

TEST(loader, the_linkers_own_complaint_is_passed_on) {
    const auto path = probe_path("missing_symbol");
    expect_refused_unread(path, AllOf(HasSubstr("is not loaded: undefined symbol: _Z15defined_nowherev"),
                                      EndsWith(": `ldd -r " + path.string() + "` lists what it misses")));
}

TEST(loader, a_library_for_a_newer_minor_version_that_does_not_link_is_told_so) {
    scratch_folder folder;
    probe_file file("missing_symbol");
    file.set(&fingerprint::sdk_minor, 42u);
    expect_refused_unread(file.write(folder.path() / "newer.so"),
                          AllOf(HasSubstr("it is built with SDK "), HasSubstr(", the host has "), EndsWith(": use a newer host")));
}

TEST(loader, a_hidden_entry_point_is_an_error) {
    EXPECT_THAT(refusal(probe_path("hidden_symbol")),
                HasSubstr("it has a note but exports no `streamhost_module_factories`: let its linker script export"));
}

TEST(loader, a_description_that_throws_is_an_error_that_names_the_class) {
    EXPECT_THAT(refusal(probe_path("throwing_describe")),
                HasSubstr("describe() of class soil::probe failed: no such unit: furlong: mend its describe()"));
}

TEST(loader, anything_else_that_is_thrown_is_an_error_too) {
    try {
        load_library(probe_path("good"), [](module_factory) -> std::string { throw 7; });
        FAIL();
    } catch (const configuration_error& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("describe() of class soil::probe threw what is no std::exception"));
    }
}

TEST(loader, one_type_described_twice_is_an_error) {
    EXPECT_THAT(refusal(probe_path("same_type_twice")), HasSubstr("two of its classes describe the type soil.probe"));
}

TEST(loader, a_note_that_does_not_match_the_entry_point_is_an_error) {
    scratch_folder folder;
    probe_file file("good");
    file.set(file.descriptor() + offsetof(note_descriptor, class_count), 1u);
    file.set(file.descriptor() + offsetof(note_descriptor, name_bytes), 12u);
    EXPECT_THAT(refusal(file.write(folder.path() / "soil.so")),
                HasSubstr("its note names 1 classes, but it returns 2 factories"));
}
