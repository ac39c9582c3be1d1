#include <streamhost/wire/lines.hpp>

#include <streamhost/wire/utf8.hpp>

#include <utility>

namespace streamhost::lines {

void splitter::hold(std::string_view piece) {
    // One more than a line may have, for a CR before its LF.
    if (too_large_ || held_.size() + piece.size() > most_ + 1) {
        too_large_ = true;
        held_.clear();
        return;
    }
    held_ += piece;
}

result<std::string> splitter::take() {
    auto line = std::exchange(held_, {});
    if (line.ends_with('\r')) line.pop_back();
    if (std::exchange(too_large_, false) || line.size() > most_) return errc::too_large;
    if (!utf8::is_valid(line)) return errc::malformed;
    return line;
}

std::optional<result<std::string>> splitter::next(std::string_view& bytes) {
    const auto end = bytes.find('\n');
    hold(bytes.substr(0, end));
    if (end == bytes.npos) {
        bytes = {};
        return std::nullopt;
    }
    bytes.remove_prefix(end + 1);
    return take();
}

std::optional<result<std::string>> splitter::finish() {
    if (!inside_line()) return std::nullopt;
    return take();
}

std::string encode(std::string_view line) {
    std::string bytes(line);
    bytes += '\n';
    return bytes;
}

}  // namespace streamhost::lines
