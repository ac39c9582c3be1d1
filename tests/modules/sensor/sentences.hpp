#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace streamhost::sensor::test {

/// With its `$` and its checksum.
inline std::string sentence_of(std::string_view content) {
    unsigned char sum = 0;
    for (const char c : content) sum ^= static_cast<unsigned char>(c);
    return fmt::format("${}*{:02X}", content, sum);
}

}  // namespace streamhost::sensor::test
