#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace streamhost::web {

/// A file of the page, as it lies in the library.
struct asset {
    std::string_view path;          ///< "/index.html"
    std::string_view content_type;
    std::string_view etag;          ///< with its quotes
    std::span<const std::byte> content;
};

/// Null where there is none. Any thread.
const asset* find_asset(std::string_view path);

}  // namespace streamhost::web
