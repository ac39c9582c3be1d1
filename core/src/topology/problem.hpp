#pragma once

#include <streamhost/export.hpp>

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// Where something of a topology was written: a line and column of the file, or the command line's `--set` number
/// `set`.
struct place {
    std::int32_t set = -1;     ///< index of the override; -1: the file
    std::uint32_t line = 1;    ///< from 1
    std::uint32_t column = 1;  ///< from 1, in code points

    auto operator<=>(const place&) const = default;
};

/// One thing that the operator has to mend, or should know (a warning).
struct problem {
    place where;
    std::string path;  ///< "modules.camera.fps"; empty where the text says it all
    std::string text;
    bool warning = false;

    auto operator<=>(const problem&) const = default;
};

/// What was found in one topology. All of it is reported together.
class problem_list {
public:
    void add(place where, std::string path, std::string text) {
        problems_.push_back({where, std::move(path), std::move(text), false});
    }
    void warn(place where, std::string path, std::string text) {
        problems_.push_back({where, std::move(path), std::move(text), true});
    }
    /// Whether anything but warnings was found.
    STREAMHOST_API bool has_errors() const noexcept;
    std::size_t size() const noexcept { return problems_.size(); }
    /// By place, each once.
    STREAMHOST_API std::vector<problem> sorted() const;

private:
    std::vector<problem> problems_;
};

/// `robot.json:7:30: modules.camera.fps: expected ...`, or `--set modules.camera.fps: expected ...`; `sets` are the
/// paths of the overrides.
STREAMHOST_API std::string to_text(const problem& problem, std::string_view file, std::span<const std::string> sets);

/// A text in quotes, escaped, and cut where it is long: fit for a line on a terminal.
std::string quoted(std::string_view text);

/// `path.key`, with keys that are no plain word in quotes.
std::string path_to(std::string_view path, std::string_view key);
/// `path[index]`
std::string path_to(std::string_view path, std::size_t index);

}  // namespace streamhost
