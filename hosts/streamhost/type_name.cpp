#include "type_name.hpp"

#include <streamhost/result.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace {

using streamhost::configuration_error;

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view name_characters = "abcdefghijklmnopqrstuvwxyz0123456789_-";

bool is_name(std::string_view text) {
    constexpr std::size_t longest = 64;
    return !text.empty() && text.size() <= longest && letters.find(text.front()) != letters.npos &&
           text.find_first_not_of(name_characters) == text.npos;
}

}  // namespace

std::string type_name::library() const { return family + "-" + kind; }

std::string type_name::class_name() const {
    auto name = family + "_" + kind;
    std::ranges::replace(name, '-', '_');
    return name;
}

type_name split_type(const std::string& type) {
    const auto dot = type.find('.');
    type_name name{type.substr(0, dot), dot == type.npos ? "" : type.substr(dot + 1)};
    if (!is_name(name.family) || !is_name(name.kind)) {
        throw configuration_error(fmt::format("\"{}\" is no name for a module type: take two names with a dot between "
                                              "them, a family and a kind, as in soil.probe; each begins with a letter "
                                              "a-z and goes on with a-z, 0-9, _ or -", type));
    }
    constexpr std::array words{"and_eq",   "char16_t",   "char32_t",     "char8_t", "co_await", "co_return",
                               "co_yield", "const_cast", "dynamic_cast", "not_eq",  "or_eq",    "reinterpret_cast",
                               "static_assert", "static_cast", "thread_local", "wchar_t", "xor_eq"};
    if (std::ranges::find(words, name.class_name()) != words.end()) {
        throw configuration_error(fmt::format("\"{}\" would make the class {}, which is a word of C++: take another "
                                              "name", type, name.class_name()));
    }
    return name;
}
