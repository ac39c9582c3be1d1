#pragma once

#include "support/scratch_folder.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

/// Topologies that several tests run.
namespace streamhost::test {

/// Numbered pictures, `fps` a second, served at `listen`. `server` holds further settings: `, "wire": "pickle"`.
/// `count`: how many, 0 for ever.
inline std::string serving(std::string_view listen, std::string_view server = "", double fps = 30, int count = 0) {
    return fmt::format(R"({{
  "name": "server",
  "modules": {{
    "source": {{ "type": "numbered.frames", "fps": {}, "count": {} }},
    "video": {{ "type": "video.tcp_server", "listen": "{}"{} }}
  }},
  "links": ["source -> video"]
}})",
                       fps, count, listen, server);
}

/// Notes in `file` what comes from `connect`, every single picture.
inline std::string viewing(std::string_view connect, const std::filesystem::path& file, std::string_view client = "") {
    return fmt::format(R"({{
  "name": "viewer",
  "modules": {{
    "video": {{ "type": "video.tcp_client", "connect": "{}"{} }},
    "notes": {{ "type": "numbered.notes", "file": "{}" }}
  }},
  "links": [{{ "path": "video.frames -> notes", "queue": "wait" }}]
}})",
                       connect, client, file.string());
}

}  // namespace streamhost::test
