#include "plugin/elf_image.hpp"

#include "plugin/library_error.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

/// The linker's own symbol for the ELF header of the library that this source is linked into.
extern "C" [[gnu::visibility("hidden")]] const ElfW(Ehdr) __ehdr_start;

namespace streamhost::plugin {
namespace {

constexpr std::size_t max_segments = 128;
constexpr std::size_t max_note_segment_bytes = 64 * 1024;
constexpr std::size_t max_dynamic_bytes = 64 * 1024;
constexpr std::size_t max_run_path_bytes = 4096;

template <class T>
bool read_array(const file_reader& read, std::uint64_t offset, std::vector<T>& into) {
    return read(offset, std::as_writable_bytes(std::span(into)));
}

/// Whether the file holds all that is to be mapped: the dynamic linker does not look, and a page beyond the end of the
/// file ends the process with SIGBUS.
auto is_complete(const file_reader& read) {
    return [&read](const ElfW(Phdr)& segment) {
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0) {
            return true;
        }
        const std::uint64_t last = segment.p_offset + (segment.p_filesz - 1);
        std::byte byte;
        return last >= segment.p_offset && read(last, {&byte, 1});
    };
}

/// An entry of a notes segment and where the next one begins.
struct raw_note {
    std::uint32_t type;
    std::string_view owner;
    std::span<const std::byte> descriptor;
    std::size_t next;
};

/// `offset` rounded up to the next multiple of `alignment`, a power of two. The sums here are of 32-bit lengths and a
/// bounded position, so they cannot wrap in 64 bits.
constexpr std::uint64_t aligned(std::uint64_t offset, std::uint64_t alignment) {
    return (offset + alignment - 1) & ~(alignment - 1);
}

std::optional<raw_note> note_at(std::span<const std::byte> notes, std::size_t position, std::uint64_t alignment) {
    ElfW(Nhdr) header;
    if (notes.size() - position < sizeof header) {
        return std::nullopt;
    }
    std::memcpy(&header, notes.data() + position, sizeof header);
    const std::uint64_t owner = position + sizeof header;
    const std::uint64_t descriptor = aligned(owner + header.n_namesz, alignment);
    const std::uint64_t end = descriptor + header.n_descsz;
    if (end > notes.size()) {
        return std::nullopt;
    }
    std::string_view name(reinterpret_cast<const char*>(notes.data() + owner), header.n_namesz);
    return raw_note{header.n_type, name.substr(0, name.find('\0')), notes.subspan(descriptor, header.n_descsz),
                    std::min<std::uint64_t>(aligned(end, alignment), notes.size())};
}

}  // namespace

elf_image::elf_image(file_reader reader, std::vector<ElfW(Phdr)> segments)
    : read_(std::move(reader)), segments_(std::move(segments)) {}

result<elf_image> elf_image::open(file_reader reader) {
    std::vector<ElfW(Ehdr)> headers(1);
    if (!read_array(reader, 0, headers)) {
        return library_error::not_a_library;
    }
    const ElfW(Ehdr)& header = headers.front();
    if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        return library_error::not_a_library;
    }
    if (header.e_ident[EI_CLASS] != __ehdr_start.e_ident[EI_CLASS] ||
        header.e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA] || header.e_machine != __ehdr_start.e_machine) {
        return library_error::other_machine;
    }
    if (header.e_type != ET_DYN) {
        return library_error::not_a_library;
    }
    if (header.e_phentsize != sizeof(ElfW(Phdr)) || header.e_phnum > max_segments) {
        return library_error::broken;
    }
    std::vector<ElfW(Phdr)> segments(header.e_phnum);
    if (!read_array(reader, header.e_phoff, segments) || !std::ranges::all_of(segments, is_complete(reader))) {
        return library_error::broken;
    }
    return elf_image(std::move(reader), std::move(segments));
}

result<elf_note> elf_image::find_note(std::string_view owner) const {
    for (const ElfW(Phdr)& segment : segments_) {
        if (segment.p_type != PT_NOTE) {
            continue;
        }
        if (segment.p_filesz > max_note_segment_bytes) {
            return library_error::broken;
        }
        std::vector<std::byte> notes(segment.p_filesz);
        if (!read_(segment.p_offset, notes)) {
            return library_error::broken;
        }
        for (std::size_t position = 0; position < notes.size();) {
            const auto note = note_at(notes, position, segment.p_align == 8 ? 8 : 4);
            if (!note) {
                return library_error::broken;
            }
            if (note->owner == owner) {
                return elf_note{note->type, {note->descriptor.begin(), note->descriptor.end()}};
            }
            position = note->next;
        }
    }
    return library_error::no_note;
}

result<std::vector<std::string>> elf_image::run_paths() const {
    std::vector<std::string> paths;
    const auto dynamic = std::ranges::find(segments_, static_cast<ElfW(Word)>(PT_DYNAMIC), &ElfW(Phdr)::p_type);
    if (dynamic == segments_.end()) {
        return paths;
    }
    if (dynamic->p_filesz > max_dynamic_bytes) {
        return library_error::broken;
    }
    std::vector<ElfW(Dyn)> entries(dynamic->p_filesz / sizeof(ElfW(Dyn)));
    if (!read_array(read_, dynamic->p_offset, entries)) {
        return library_error::broken;
    }
    entries.erase(std::ranges::find(entries, DT_NULL, &ElfW(Dyn)::d_tag), entries.end());
    const auto value_of = [&entries](auto tag) -> std::uint64_t {
        const auto found = std::ranges::find(entries, tag, &ElfW(Dyn)::d_tag);
        return found == entries.end() ? 0 : found->d_un.d_val;
    };
    const std::uint64_t strings = value_of(DT_STRTAB);
    const std::uint64_t string_bytes = value_of(DT_STRSZ);
    for (const ElfW(Dyn)& entry : entries) {
        if (entry.d_tag != DT_RPATH && entry.d_tag != DT_RUNPATH) {
            continue;
        }
        if (entry.d_un.d_val >= string_bytes || paths.size() == 2) {  // one of each kind
            return library_error::broken;
        }
        auto path = string_at(strings + entry.d_un.d_val, string_bytes - entry.d_un.d_val);
        if (!path) {
            return path.error();
        }
        paths.push_back(std::move(*path));
    }
    return paths;
}

/// The string at an address of the mapped library, which is at another place of the file.
result<std::string> elf_image::string_at(std::uint64_t address, std::uint64_t room) const {
    for (const ElfW(Phdr)& segment : segments_) {
        if (segment.p_type != PT_LOAD || address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) {
            continue;
        }
        const std::uint64_t skipped = address - segment.p_vaddr;
        room = std::min({room, segment.p_filesz - skipped, std::uint64_t{max_run_path_bytes}});
        std::string text(room, '\0');
        if (!read_(segment.p_offset + skipped, std::as_writable_bytes(std::span(text)))) {
            return library_error::broken;
        }
        const std::size_t end = text.find('\0');
        if (end == std::string::npos) {
            return library_error::broken;
        }
        text.resize(end);
        return text;
    }
    return library_error::broken;
}

}  // namespace streamhost::plugin
