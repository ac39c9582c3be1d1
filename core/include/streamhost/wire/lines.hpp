#pragma once

#include <streamhost/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// The `lines` wire: UTF-8 text in which LF ends a line, so that a terminal, a file and `nc` speak it. Format:
/// docs/wire.md.
namespace streamhost::lines {

inline constexpr std::size_t max_line = 64 * 1024;  ///< bytes, without the line end

/// Cuts bytes, in whatever pieces they come, into lines. Holds one line at most. A plain object; one thread at a time.
class STREAMHOST_API splitter {
public:
    /// `most`: bytes of a line, without its end.
    explicit splitter(std::size_t most = max_line) noexcept : most_(most) {}

    /// The next line without its end, LF or CR LF; nothing when `bytes` are used up before one is complete. What was
    /// used is taken off `bytes`. Errors: `too_large` for a line above the limit, given once at the line's end, and
    /// `malformed` for one that is not UTF-8; the lines behind it are read as ever.
    std::optional<result<std::string>> next(std::string_view& bytes);

    /// At the end of the bytes: the line that nothing has ended.
    std::optional<result<std::string>> finish();

    /// A line has begun and is not complete.
    bool inside_line() const noexcept { return !held_.empty() || too_large_; }
    /// The line that has begun is above the limit already: whoever need not see its end can refuse it now.
    bool too_large() const noexcept { return too_large_; }

private:
    void hold(std::string_view piece);
    result<std::string> take();

    std::size_t most_;
    std::string held_;
    bool too_large_ = false;
};

/// The line as bytes. A line end inside of it becomes one on the wire: two lines.
STREAMHOST_API std::string encode(std::string_view line);

}  // namespace streamhost::lines
