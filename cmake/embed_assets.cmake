# Writes the source that holds files as bytes, behind modules/web/assets.hpp:
#   cmake -D list=LIST -D output=FILE.cpp -P embed_assets.cmake
# LIST has a line for each file: the path that a browser asks for, a space, the path on disk.
file(STRINGS "${list}" entries)
list(SORT entries)

set(bytes "")
set(names "")
set(table "")
set(number 0)
foreach(entry IN LISTS entries)
  string(REGEX MATCH "^([^ ]+) (.+)$" entry "${entry}")
  set(path "${CMAKE_MATCH_1}")
  set(file "${CMAKE_MATCH_2}")
  cmake_path(GET path EXTENSION LAST_ONLY extension)
  if(extension STREQUAL ".html")
    set(type "text/html; charset=utf-8")
  elseif(extension STREQUAL ".css")
    set(type "text/css; charset=utf-8")
  elseif(extension STREQUAL ".js")
    set(type "text/javascript; charset=utf-8")
  elseif(extension STREQUAL ".svg")
    set(type "image/svg+xml")
  elseif(extension STREQUAL ".txt")
    set(type "text/plain; charset=utf-8")
  else()
    message(FATAL_ERROR "embed_assets.cmake: no content type is known for ${file}")
  endif()
  file(SHA256 "${file}" hash)
  string(SUBSTRING "${hash}" 0 16 hash)
  file(SIZE "${file}" size)
  set(name "streamhost_web_asset_${number}")
  string(APPEND bytes ".globl ${name}\n.hidden ${name}\n${name}:\n.incbin \"${file}\"\n.byte 0\n")
  string(APPEND names "[[gnu::visibility(\"hidden\")]] extern const std::byte ${name}[];\n")
  string(APPEND table "    asset{\"${path}\", \"${type}\", \"\\\"${hash}\\\"\", {${name}, ${size}}},\n")
  math(EXPR number "${number} + 1")
endforeach()

# What is included by the assembler is no dependency that a compiler would report; this file changes with each hash.
file(WRITE "${output}" "// Written by cmake/embed_assets.cmake.
#include \"assets.hpp\"

#include <algorithm>
#include <array>

asm(R\"(
.pushsection .rodata
${bytes}.popsection
)\");

extern \"C\" {
${names}}

namespace streamhost::web {
namespace {

constinit const std::array<asset, ${number}> assets{
${table}};

}  // namespace

const asset* find_asset(std::string_view path) noexcept {
    if (path == \"/\") path = \"/index.html\";
    const auto found = std::ranges::lower_bound(assets, path, {}, &asset::path);
    return found != assets.end() && found->path == path ? &*found : nullptr;
}

std::span<const asset> all_assets() noexcept { return assets; }

}  // namespace streamhost::web
")
