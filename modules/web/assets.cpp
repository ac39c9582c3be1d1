#include "assets.hpp"

#include <array>

namespace streamhost::web {
namespace {

constexpr std::string_view page = "<!doctype html><meta charset=utf-8><title>streamhost</title><p>This build has no page.";

const std::array<asset, 1> assets{
    asset{"/index.html", "text/html; charset=utf-8", "\"0\"", std::as_bytes(std::span(page.data(), page.size()))}};

}  // namespace

const asset* find_asset(std::string_view path) noexcept {
    return path == "/" || path == "/index.html" ? &assets.front() : nullptr;
}

std::span<const asset> all_assets() noexcept { return assets; }

}  // namespace streamhost::web
