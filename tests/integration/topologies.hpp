#pragma once

#include "support/scratch_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

/// Topologies that several tests run.
namespace streamhost::test {

/// Every viewer gets every picture, unless it is far behind.
constexpr std::string_view patient_viewers = R"(, "viewers": { "queue": { "policy": "drop_oldest", "items": 64 } })";

inline std::string on_wire(std::string_view wire) { return fmt::format(R"(, "wire": "{}")", wire); }

/// Numbered pictures, `fps` a second, served at `listen`. `server` holds further settings:
/// `on_wire("pickle")`. `count`: how many, 0 for ever.
inline std::string serving(std::string_view listen, std::string_view server = "", double fps = 30, int count = 0) {
    constexpr int width = 640, height = 480;
    return fmt::format(R"({{
  "name": "server",
  "modules": {{
    "source": {{ "type": "numbered.frames", "width": {}, "height": {}, "fps": {}, "count": {} }},
    "video": {{ "type": "video.tcp_server", "listen": "{}"{} }}
  }},
  "links": [{{ "path": "source -> video", "queue": "wait" }}]
}})",
                       width, height, fps, count, listen, server);
}

/// Notes in `file` what comes from `connect`, every single picture; with `hash` false only its number.
inline std::string viewing(std::string_view connect, const std::filesystem::path& file, std::string_view client = "",
                           bool hash = true) {
    return fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.tcp_client", "connect": "{}"{} }},
    "notes": {{ "type": "numbered.notes", "file": "{}", "hash": {} }}
  }},
  "links": [{{ "path": "video.frames -> notes", "queue": "wait" }}]
}})",
                       connect, client, file.string(), hash);
}

}  // namespace streamhost::test
