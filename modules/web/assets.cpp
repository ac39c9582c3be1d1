#include "assets.hpp"

#include <algorithm>
#include <array>

namespace streamhost::web {
namespace {

constexpr std::string_view page =
    "<!doctype html><meta charset=utf-8><title>streamhost</title><p>The console's page is not part of this build.";

}  // namespace

const asset* find_asset(std::string_view path) {
    static const std::array assets{
        asset{"/index.html", "text/html; charset=utf-8", "\"0\"", std::as_bytes(std::span(page))}};
    const auto found = std::ranges::find(assets, path, &asset::path);
    return found == assets.end() ? nullptr : &*found;
}

}  // namespace streamhost::web
