#include "shown_name.hpp"

namespace streamhost::video {
namespace {

constexpr auto none = std::string_view::npos;
constexpr std::string_view scheme_end = "://";
constexpr std::string_view blanks = " \t\r\n\"'";

/// What stands behind "://" of one URL.
std::string shown_rest(std::string_view rest) {
    const auto authority = rest.substr(0, rest.find_first_of("/?#"));
    const auto user_end = rest.rfind('@');
    if (user_end != none && user_end >= authority.size()) return "...";
    if (user_end != none) rest.remove_prefix(user_end + 1);
    return std::string(rest.substr(0, rest.find_first_of("?#")));
}

}  // namespace

std::string shown_name(std::string_view text) {
    std::string shown;
    for (;;) {
        const auto scheme = text.find(scheme_end);
        if (scheme == none) return shown.append(text);
        const auto start = scheme + scheme_end.size();
        shown.append(text.substr(0, start));
        text.remove_prefix(start);
        // A URL ends at a blank, unless a password that holds one goes on to its "@".
        const auto at = text.rfind('@');
        const auto end = text.find_first_of(blanks, at == none ? 0 : at);
        shown.append(shown_rest(text.substr(0, end)));
        text.remove_prefix(end == none ? text.size() : end);
    }
}

}  // namespace streamhost::video
