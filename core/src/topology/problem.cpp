#include "topology/problem.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace streamhost {
namespace {

constexpr std::size_t shown_bytes = 64;

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '$';
}

/// At most `shown_bytes`, never half a code point.
std::string_view cut(std::string_view text) {
    if (text.size() <= shown_bytes) return text;
    auto end = shown_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace

bool problem_list::has_errors() const noexcept {
    return std::any_of(problems_.begin(), problems_.end(), [](const problem& each) { return !each.warning; });
}

std::vector<problem> problem_list::sorted() const {
    auto sorted = problems_;
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    return sorted;
}

std::string to_text(const problem& problem, std::string_view file, std::span<const std::string> sets) {
    std::string text;
    std::string_view path = problem.path;
    if (problem.where.set < 0) {
        text = fmt::format("{}:{}:{}: ", file, problem.where.line, problem.where.column);
    } else {
        const auto& set = sets[static_cast<std::size_t>(problem.where.set)];
        text = fmt::format("--set {}: ", set);
        if (path == set) path = {};
    }
    if (problem.warning) text += "warning: ";
    if (!path.empty()) text += fmt::format("{}: ", path);
    return text + problem.text;
}

std::string quoted(std::string_view text) {
    const auto shown = cut(text);
    auto json = boost::json::serialize(boost::json::string_view(shown.data(), shown.size()));
    // DEL and the C1 controls are not escaped by JSON, and a terminal may act upon them.
    std::string safe;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const auto byte = static_cast<unsigned char>(json[i]);
        const bool c1 = byte == 0xc2 && i + 1 < json.size() && static_cast<unsigned char>(json[i + 1]) < 0xa0;
        if (byte == 0x7f) safe += "\\u007f";
        else if (c1) safe += fmt::format("\\u00{:02x}", static_cast<unsigned char>(json[++i]));
        else safe += json[i];
    }
    if (shown.size() < text.size()) safe.insert(safe.size() - 1, "...");
    return safe;
}

std::string path_to(std::string_view path, std::string_view key) {
    const bool plain = !key.empty() && key.size() <= shown_bytes && std::all_of(key.begin(), key.end(), is_plain);
    const std::string step = plain ? std::string(key) : quoted(key);
    return path.empty() ? step : fmt::format("{}.{}", path, step);
}

std::string path_to(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }

}  // namespace streamhost
