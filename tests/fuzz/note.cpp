// Module libraries as foreign bytes: the ELF file, and the descriptor of its note, which a mutated file rarely reaches.
#include "plugin/note.hpp"

#include <streamhost/fingerprint.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace {

void must_hold(const streamhost::result<streamhost::plugin::library_note>& note) {
    if (!note) {
        return;
    }
    if (note->class_names.empty() || streamhost::to_text(note->built_with).empty()) {
        std::abort();
    }
    const bool fits = streamhost::differences(note->built_with, streamhost::host_fingerprint()).empty();
    if (fits && note->built_with.boost_version != streamhost::host_fingerprint().boost_version) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    must_hold(streamhost::plugin::parse_note(bytes));
    must_hold(streamhost::plugin::parse_note_descriptor(bytes));
    return 0;
}
