#pragma once

#include <streamhost/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as RFC 3629 defines it. Pure functions, callable from any thread.
namespace streamhost::utf8 {

/// True when `bytes` is UTF-8 without overlong forms, surrogates or code points above U+10FFFF.
STREAMHOST_API bool is_valid(std::string_view bytes) noexcept;

/// Stands for what UTF-8 cannot express.
inline constexpr char32_t replacement = U'\uFFFD';

constexpr bool is_surrogate(char32_t code_point) noexcept { return code_point >= 0xD800 && code_point <= 0xDFFF; }

/// One code point at the start of `bytes`. Takes surrogates too, because Python's pickles carry them ("surrogatepass");
/// `size` is 0 where the bytes are no UTF-8 even so.
struct decoded {
    char32_t code_point = 0;
    std::size_t size = 0;
};
STREAMHOST_API decoded decode(std::string_view bytes) noexcept;

/// Appends `code_point`, at most U+10FFFF; a surrogate becomes the replacement character.
STREAMHOST_API void append(std::string& to, char32_t code_point);

/// The text with everything escaped that would act on a terminal or on how the rest is read, for showing what others
/// have written: control characters and what is no UTF-8 as `\x1b`, line and paragraph separators and the marks that
/// reorder text (Unicode's bidirectional controls, see UTR 36) as `\u202e`. A backslash stays as it is: this is for
/// eyes, not for reading back.
STREAMHOST_API std::string escape_controls(std::string_view text);

}  // namespace streamhost::utf8
