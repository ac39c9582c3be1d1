#pragma once

#include <streamhost/export.hpp>
#include <streamhost/result.hpp>

namespace streamhost::plugin {

/// Why a file cannot be read as a module library.
enum class library_error {
    not_a_library = 1,  ///< no ELF shared library at all
    other_machine,      ///< for another processor, word size or byte order
    broken,             ///< truncated, or a length in it is wrong
    no_note,            ///< a shared library, but not one of ours
    unknown_format,     ///< a note of a format that this host does not read
};

STREAMHOST_API const boost::system::error_category& library_error_category() noexcept;

inline error_code make_error_code(library_error e) noexcept { return {static_cast<int>(e), library_error_category()}; }

}  // namespace streamhost::plugin

template <>
struct boost::system::is_error_code_enum<streamhost::plugin::library_error> : std::true_type {};
