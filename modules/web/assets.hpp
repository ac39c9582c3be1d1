#pragma once

#include <cstddef>
#include <span>
#include <string_view>

/// The files of the console's page, which the build has put into the library (modules/web/page): a host serves them from
/// memory and never looks at a disk. Immutable; any thread.
namespace streamhost::web {

struct asset {
    std::string_view path;          ///< as a browser asks for it: "/js/main.js"
    std::string_view content_type;  ///< for the HTTP field
    std::string_view etag;          ///< for the HTTP field, with its quotes; another one for each content
    std::span<const std::byte> content;
};

/// The file with that path, exactly; "/" is "/index.html". Null: there is none.
const asset* find_asset(std::string_view path) noexcept;

/// All of them, by path.
std::span<const asset> all_assets() noexcept;

}  // namespace streamhost::web
