#pragma once

#include <streamhost/export.hpp>
#include <streamhost/result.hpp>

#include <link.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::plugin {

/// Fills `into` with the file's bytes from `offset` on; false where the file ends before.
using file_reader = std::function<bool(std::uint64_t offset, std::span<std::byte> into)>;

/// A note: a type number that its owner gave a meaning, and bytes.
struct elf_note {
    std::uint32_t type = 0;
    std::vector<std::byte> descriptor;
};

/// A shared library's file, read as foreign bytes: nothing of it is mapped or run, every length is checked, what is
/// read is bounded. Only libraries for this host's own machine, word size and byte order are taken.
///
/// Why not libelf: two structures of <elf.h> are all that is needed, while libelf maps the file, so that one being
/// overwritten ends the host with SIGBUS, and would be one more library in every host. Program headers are read and not
/// section headers, because they are what the dynamic linker goes by and what no strip tool removes.
///
/// Format: System V gABI, chapters 4 and 5.
class elf_image {
public:
    /// The error, a `library_error`, says what is wrong. All that the library would map lies inside the file.
    static result<elf_image> open(file_reader reader);

    /// The first note of that owner; `library_error::no_note` where there is none.
    result<elf_note> find_note(std::string_view owner) const;

    /// Where the library itself asks the dynamic linker to look for its dependencies (DT_RPATH, DT_RUNPATH), each a
    /// colon-separated list as it stands in the file.
    result<std::vector<std::string>> run_paths() const;

private:
    elf_image(file_reader reader, std::vector<ElfW(Phdr)> segments);

    result<std::string> string_at(std::uint64_t address, std::uint64_t room) const;

    file_reader read_;
    std::vector<ElfW(Phdr)> segments_;
};

}  // namespace streamhost::plugin
