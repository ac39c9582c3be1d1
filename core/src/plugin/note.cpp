#include "plugin/note.hpp"

#include "plugin/elf_image.hpp"
#include "plugin/library_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace streamhost::plugin {
namespace {

class descriptor {
public:
    explicit descriptor(int number) : number_(number) {}
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    int number() const noexcept { return number_; }

private:
    int number_;
};

bool read_fully(int file, std::uint64_t offset, std::span<std::byte> into) {
    while (!into.empty()) {
        const ::ssize_t got = ::pread(file, into.data(), into.size(), static_cast<::off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return true;
}

/// What a library says of itself is printed, and a control character could redraw the operator's terminal.
bool is_printable(std::string_view text) {
    return std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

result<library_note> note_of(file_reader reader) {
    auto image = elf_image::open(std::move(reader));
    if (!image) {
        return image.error();
    }
    auto found = image->find_note(note_owner);
    if (!found) {
        return found.error();
    }
    if (found->type != note_format) {
        return library_error::unknown_format;
    }
    auto note = parse_note_descriptor(found->descriptor);
    if (!note) {
        return note.error();
    }
    auto run_paths = image->run_paths();
    if (!run_paths) {
        return run_paths.error();
    }
    if (!std::ranges::all_of(*run_paths, is_printable)) {
        return library_error::broken;
    }
    note->run_paths = std::move(*run_paths);
    return note;
}

}  // namespace

result<library_note> parse_note_descriptor(std::span<const std::byte> bytes) {
    note_descriptor header;
    if (bytes.size() < sizeof header) {
        return library_error::broken;
    }
    std::memcpy(&header, bytes.data(), sizeof header);
    bytes = bytes.subspan(sizeof header);
    if (header.name_bytes > bytes.size() || header.class_count == 0) {
        return library_error::broken;
    }
    library_note note{.built_with = header.built_with, .class_names = {}, .run_paths = {}};
    std::string_view names(reinterpret_cast<const char*>(bytes.data()), header.name_bytes);
    while (!names.empty() && note.class_names.size() < header.class_count) {
        const std::size_t end = names.find('\0');
        if (end == 0 || end == std::string_view::npos) {
            return library_error::broken;
        }
        const std::string_view name = names.substr(0, end);
        if (!is_printable(name)) {
            return library_error::broken;
        }
        note.class_names.emplace_back(name);
        names.remove_prefix(end + 1);
    }
    if (!names.empty() || note.class_names.size() != header.class_count) {
        return library_error::broken;
    }
    return note;
}

result<library_note> parse_note(std::span<const std::byte> file) {
    return note_of([file](std::uint64_t offset, std::span<std::byte> into) {
        if (offset > file.size() || into.size() > file.size() - offset) {
            return false;
        }
        std::ranges::copy(file.subspan(offset, into.size()), into.begin());
        return true;
    });
}

result<library_note> read_note(const std::filesystem::path& library) {
    // O_NONBLOCK: opening a FIFO of that name must not wait for its writer.
    const descriptor file(::open(library.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct ::stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) {
        return error_code(errno, boost::system::system_category());
    }
    if (!S_ISREG(status.st_mode)) {
        return library_error::not_a_library;
    }
    return note_of([number = file.number()](std::uint64_t offset, std::span<std::byte> into) {
        return read_fully(number, offset, into);
    });
}

}  // namespace streamhost::plugin
