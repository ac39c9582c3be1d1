#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

/// Topologies that several tests run.
namespace streamhost::test {

/// Every viewer gets every picture, unless it is far behind.
constexpr std::string_view patient_viewers = R"(, "viewers": { "queue": { "policy": "drop_oldest", "items": 64 } })";

inline std::string on_wire(std::string_view wire) { return fmt::format(R"(, "wire": "{}")", wire); }

struct pictures {
    int width = 320;
    int height = 240;
    int fps = 30;
    int count = 0;  ///< 0: for ever
};

/// Numbered pictures, served at `listen`. `settings` are further ones of the server: `on_wire("pickle")`.
inline std::string serving(std::string_view listen, std::string_view settings = "", const pictures& source = {}) {
    return fmt::format(R"({{
  "name": "server",
  "modules": {{
    "source": {{ "type": "numbered.frames", "width": {}, "height": {}, "fps": {}, "count": {} }},
    "video": {{ "type": "video.tcp_server", "listen": "{}"{} }}
  }},
  "links": [{{ "path": "source -> video", "queue": "wait" }}]
}})",
                       source.width, source.height, source.fps, source.count, listen, settings);
}

/// Notes in `file` what comes from `connect`, every single picture; with `hash` false only its number. `settings` are
/// further ones of the client.
inline std::string viewing(std::string_view connect, const std::filesystem::path& file, std::string_view settings = "",
                           bool hash = true) {
    return fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.tcp_client", "connect": "{}"{} }},
    "notes": {{ "type": "numbered.notes", "file": "{}", "hash": {} }}
  }},
  "links": [{{ "path": "video.frames -> notes", "queue": "wait" }}]
}})",
                       connect, settings, file.string(), hash);
}

/// Hands on at `listen` what `upstream` sends. `settings` are further ones of the relay.
inline std::string relaying(std::string_view upstream, std::string_view listen, std::string_view settings = "") {
    return fmt::format(R"({{
  "name": "relay",
  "modules": {{
    "relay": {{ "type": "relay.stream", "upstream": "{}", "listen": "{}"{} }}
  }}
}})",
                       upstream, listen, settings);
}

}  // namespace streamhost::test
