#include "plugin/library_error.hpp"
#include "plugin/note.hpp"
#include "probe_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <link.h>
#include <sys/stat.h>

using namespace streamhost;
using namespace streamhost::plugin;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// The parts of the file that a test alters.
struct image_header : ElfW(Ehdr) {
    explicit image_header(probe_file& file) {
        std::memcpy(static_cast<ElfW(Ehdr)*>(this), file.bytes().data(), sizeof(ElfW(Ehdr)));
    }
    void store(probe_file& file) const { file.set(0, static_cast<const ElfW(Ehdr)&>(*this)); }
};

std::vector<ElfW(Phdr)> segments_of(probe_file& file) {
    const image_header header(file);
    std::vector<ElfW(Phdr)> segments(header.e_phnum);
    std::memcpy(segments.data(), file.bytes().data() + header.e_phoff, segments.size() * sizeof(ElfW(Phdr)));
    return segments;
}

/// Where the last byte that the dynamic linker would map is followed by the rest of the file.
std::size_t mapped_bytes(probe_file& file) {
    std::size_t end = 0;
    for (const auto& segment : segments_of(file)) {
        if (segment.p_type == PT_LOAD) {
            end = std::max<std::size_t>(end, segment.p_offset + segment.p_filesz);
        }
    }
    return end;
}

template <class Change>
void change_segments(probe_file& file, std::uint32_t type, Change change) {
    auto segments = segments_of(file);
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i].p_type == type) {
            change(segments[i]);
            file.set(image_header(file).e_phoff + i * sizeof(ElfW(Phdr)), segments[i]);
        }
    }
}

void expect_error(const probe_file& file, library_error error) {
    const auto note = parse_note(file.span());
    ASSERT_FALSE(note);
    EXPECT_EQ(note.error(), error) << note.error().message();
}

}  // namespace

TEST(note, tells_how_a_library_was_built_without_loading_it) {
    const auto note = read_note(probe_path("good"));
    ASSERT_TRUE(note) << note.error().message();
    EXPECT_THAT(differences(note->built_with, host_fingerprint()), IsEmpty());
    EXPECT_THAT(note->class_names, ElementsAre("soil::probe", "soil::gauge<int, 3>"));
}

TEST(note, survives_strip_and_gc_sections) {
    const auto note = read_note(probe_path("stripped"));
    ASSERT_TRUE(note) << note.error().message();
    EXPECT_THAT(note->class_names, ElementsAre("soil::probe", "soil::gauge<int, 3>"));
}

TEST(note, is_the_same_from_the_other_compiler) {
    if (!std::filesystem::exists(probe_path("other_compiler"))) {
        GTEST_SKIP() << "the other compiler family (Clang 16 for GCC, GCC for Clang) is not installed";
    }
    const auto note = read_note(probe_path("other_compiler"));
    ASSERT_TRUE(note) << note.error().message();
    EXPECT_THAT(note->class_names, ElementsAre("soil::probe", "soil::gauge<int, 3>"));
    EXPECT_NE(note->built_with.compiler, host_fingerprint().compiler);
}

TEST(note, needs_no_section_headers) {
    probe_file file("good");
    image_header header(file);
    header.e_shoff = 0;
    header.e_shnum = 0;
    header.e_shstrndx = 0;
    header.store(file);
    EXPECT_TRUE(parse_note(file.span()));
}

TEST(note, tells_the_run_paths) {
    const auto note = read_note(probe_path("relative_rpath"));
    ASSERT_TRUE(note) << note.error().message();
    EXPECT_THAT(note->run_paths, Contains(HasSubstr("plugins")));
}

TEST(note, a_run_path_with_an_escape_is_broken) {
    using namespace std::string_view_literals;
    probe_file file("relative_rpath");
    const std::size_t at = file.bytes().find("\0plugins:"sv);
    ASSERT_NE(at, std::string::npos);
    file.bytes()[at + 1] = '\x1b';
    expect_error(file, library_error::broken);
}

TEST(note, a_library_cut_anywhere_within_what_is_mapped_is_broken) {
    probe_file file("stripped");
    const std::size_t mapped = mapped_bytes(file);
    ASSERT_LT(mapped, file.bytes().size());
    for (std::size_t size = 0; size < mapped; ++size) {
        const auto note = parse_note(file.span().first(size));
        ASSERT_FALSE(note) << "cut to " << size << " of " << file.bytes().size();
        EXPECT_EQ(note.error(), size < sizeof(ElfW(Ehdr)) ? library_error::not_a_library : library_error::broken);
    }
    EXPECT_TRUE(parse_note(file.span().first(mapped)));
}

TEST(note, any_changed_byte_of_headers_and_note_gives_an_answer) {
    probe_file file("stripped");
    const std::size_t end = file.descriptor() + 128;
    for (std::size_t at = 0; at < end; ++at) {
        for (const int change : {0x01, 0x80, 0xff}) {
            const char before = file.bytes()[at];
            file.bytes()[at] = static_cast<char>(before ^ change);
            const auto note = parse_note(file.span());
            EXPECT_TRUE(note || note.error().category() == library_error_category());
            file.bytes()[at] = before;
        }
    }
}

TEST(note, other_files_are_no_libraries) {
    scratch_folder folder;
    probe_file file("good");
    file.bytes() = "#!/bin/sh\nexit 0\n";
    EXPECT_EQ(read_note(file.write(folder.path() / "script.so")).error(), library_error::not_a_library);
    file.bytes().clear();
    EXPECT_EQ(read_note(file.write(folder.path() / "empty.so")).error(), library_error::not_a_library);
    EXPECT_EQ(read_note(folder.path()).error(), library_error::not_a_library);
    ASSERT_EQ(::mkfifo((folder.path() / "fifo.so").c_str(), 0600), 0);
    EXPECT_EQ(read_note(folder.path() / "fifo.so").error(), library_error::not_a_library);
    EXPECT_EQ(read_note(folder.path() / "absent.so").error(), boost::system::errc::no_such_file_or_directory);
}

TEST(note, a_program_is_no_library) {
    probe_file file("good");
    image_header header(file);
    header.e_type = ET_REL;
    header.store(file);
    expect_error(file, library_error::not_a_library);
}

TEST(note, other_machines_are_told_apart) {
    for (const auto& change : {+[](image_header& h) { h.e_machine = EM_S390; },
                               +[](image_header& h) { h.e_ident[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64; },
                               +[](image_header& h) { h.e_ident[EI_DATA] ^= ELFDATA2LSB ^ ELFDATA2MSB; }}) {
        probe_file file("good");
        image_header header(file);
        change(header);
        header.store(file);
        expect_error(file, library_error::other_machine);
    }
}

TEST(note, a_library_without_one_is_not_ours) {
    EXPECT_EQ(read_note(probe_path("no_note")).error(), library_error::no_note);
    probe_file file("good");
    change_segments(file, PT_NOTE, [](ElfW(Phdr)& segment) { segment.p_type = PT_NULL; });
    expect_error(file, library_error::no_note);
    probe_file foreign("good");
    foreign.set(foreign.descriptor() - 12, 'S');
    expect_error(foreign, library_error::no_note);
}

TEST(note, a_later_format_is_said_to_be_one) {
    probe_file file("good");
    file.set(file.descriptor() - 16, note_format + 1);
    expect_error(file, library_error::unknown_format);
}

TEST(note, a_descriptor_cut_anywhere_is_broken) {
    probe_file file("good");
    std::uint32_t name_bytes = 0;
    std::memcpy(&name_bytes, file.bytes().data() + file.descriptor() + offsetof(note_descriptor, name_bytes), 4);
    const auto whole = file.span().subspan(file.descriptor(), sizeof(note_descriptor) + name_bytes);
    EXPECT_TRUE(parse_note_descriptor(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_EQ(parse_note_descriptor(whole.first(size)).error(), library_error::broken) << size;
    }
}

TEST(note, wrong_lengths_are_broken) {
    struct row {
        const char* what;
        void (*change)(probe_file&);
    };
    using file = probe_file;
    using segment = ElfW(Phdr);
    static constexpr std::size_t count = offsetof(note_descriptor, class_count);
    static constexpr std::size_t bytes = offsetof(note_descriptor, name_bytes);
    static constexpr std::size_t names = sizeof(note_descriptor);
    const row rows[] = {
        {"owner's length", [](file& f) { f.set(f.descriptor() - 24, 0xffffffffu); }},
        {"descriptor's length", [](file& f) { f.set(f.descriptor() - 20, 0xfffffff0u); }},
        {"descriptor too short", [](file& f) { f.set(f.descriptor() - 20, 47u); }},
        {"no classes, but names", [](file& f) { f.set(f.descriptor() + count, 0u); }},
        {"neither classes nor names", [](file& f) { f.set(f.descriptor() + count, std::uint64_t{0}); }},
        {"a class too many", [](file& f) { f.set(f.descriptor() + count, 3u); }},
        {"a class too few", [](file& f) { f.set(f.descriptor() + count, 1u); }},
        {"very many classes", [](file& f) { f.set(f.descriptor() + count, 0xffffffffu); }},
        {"names' length", [](file& f) { f.set(f.descriptor() + bytes, 0x7fffffffu); }},
        {"a name without end", [](file& f) { f.set(f.descriptor() + bytes, 14u); }},
        {"escape in a name", [](file& f) { f.set(f.descriptor() + names, '\x1b'); }},
        {"empty name", [](file& f) { f.set(f.descriptor() + names, '\0'); }},
        {"huge notes", [](file& f) { change_segments(f, PT_NOTE, [](segment& s) { s.p_filesz = 1u << 30; }); }},
        {"notes outside", [](file& f) { change_segments(f, PT_NOTE, [](segment& s) { s.p_offset = -4; }); }},
        {"code outside", [](file& f) { change_segments(f, PT_LOAD, [](segment& s) { s.p_filesz = -1; }); }},
        {"code behind", [](file& f) { change_segments(f, PT_LOAD, [](segment& s) { s.p_offset += 1u << 30; }); }},
        {"huge dynamic", [](file& f) { change_segments(f, PT_DYNAMIC, [](segment& s) { s.p_filesz = 1u << 30; }); }},
        {"program headers outside", [](file& f) { image_header h(f); h.e_phoff = -8; h.store(f); }},
        {"program headers' size", [](file& f) { image_header h(f); h.e_phentsize = 32; h.store(f); }},
        {"program headers' number", [](file& f) { image_header h(f); h.e_phnum = 0xffff; h.store(f); }},
    };
    for (const row& row : rows) {
        SCOPED_TRACE(row.what);
        probe_file altered("good");
        row.change(altered);
        expect_error(altered, library_error::broken);
    }
}

TEST(note, a_wrong_run_path_is_broken) {
    int changed = 0;
    for (const ElfW(Sxword) tag : {DT_STRTAB, DT_STRSZ, DT_RUNPATH, DT_RPATH}) {
        probe_file file("relative_rpath");
        const auto segments = segments_of(file);
        const auto dynamic = std::ranges::find(segments, ElfW(Word){PT_DYNAMIC}, &ElfW(Phdr)::p_type);
        for (std::size_t at = dynamic->p_offset; at < dynamic->p_offset + dynamic->p_filesz; at += sizeof(ElfW(Dyn))) {
            ElfW(Dyn) entry;
            std::memcpy(&entry, file.bytes().data() + at, sizeof entry);
            if (entry.d_tag == tag) {
                entry.d_un.d_val = tag == DT_STRSZ ? 1 : 0x7ffffff0;
                file.set(at, entry);
                expect_error(file, library_error::broken);
                ++changed;
            }
        }
    }
    EXPECT_EQ(changed, 3);  // linkers write DT_RUNPATH or DT_RPATH, not both
}
