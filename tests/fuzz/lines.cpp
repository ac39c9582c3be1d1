// Any bytes as lines: in pieces the same lines come of them as at once, they are what stands between the line ends, and
// each is valid and within its limit.
#include <streamhost/assert.hpp>
#include <streamhost/wire/lines.hpp>
#include <streamhost/wire/utf8.hpp>

#include <algorithm>
#include <vector>

namespace sh = streamhost;

namespace {

using line_list = std::vector<sh::result<std::string>>;

/// The sizes of the pieces repeat those in `sizes`.
line_list split(std::string_view bytes, std::span<const std::size_t> sizes, std::size_t limit) {
    sh::lines::splitter splitter(limit);
    line_list lines;
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        auto piece = bytes.substr(0, sizes[i % sizes.size()]);
        bytes.remove_prefix(piece.size());
        while (!piece.empty()) {
            if (auto line = splitter.next(piece)) lines.push_back(std::move(*line));
        }
    }
    if (auto line = splitter.finish()) lines.push_back(std::move(*line));
    return lines;
}

sh::result<std::string> expected(std::string_view line, std::size_t limit) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > limit) return sh::errc::too_large;
    if (!sh::utf8::is_valid(line)) return sh::errc::malformed;
    return std::string(line);
}

line_list split_by_hand(std::string_view bytes, std::size_t limit) {
    line_list lines;
    while (!bytes.empty()) {
        const auto end = std::min(bytes.find('\n'), bytes.size());
        lines.push_back(expected(bytes.substr(0, end), limit));
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t whole[] = {std::max<std::size_t>(size, 1)};
    const std::size_t single[] = {1};
    const std::size_t mixed[] = {3, 1, 64, 7, 2, 512};
    // As the chat, and as a device on a serial port.
    for (const auto limit : {sh::lines::max_line, std::size_t{64}}) {
        const auto by_hand = split_by_hand(bytes, limit);
        STREAMHOST_ASSERT(split(bytes, whole, limit) == by_hand);
        STREAMHOST_ASSERT(split(bytes, single, limit) == by_hand);
        STREAMHOST_ASSERT(split(bytes, mixed, limit) == by_hand);
    }

    const auto shown = sh::utf8::escape_controls(bytes);
    STREAMHOST_ASSERT(sh::utf8::is_valid(shown) && sh::utf8::escape_controls(shown) == shown);
    return 0;
}
