#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace streamhost::video {

/// A text, or a camera's number, as a topology gives it.
using source_setting = std::variant<std::int64_t, std::string>;

enum class source_kind : std::uint8_t {
    automatic,  ///< the first camera that works
    device,     ///< may be absent and come back
    file,       ///< also a sequence of pictures such as `img%03d.png`; its absence is the operator's to mend
    url,        ///< may be out of reach and come back
};

/// What a `source` means.
struct source_target {
    source_kind kind = source_kind::automatic;
    std::string name;  ///< a path or a URL; empty for `automatic`
};

/// "auto"; 0 or "0" is /dev/video0; what lies below /dev is a device; what has "://" is a URL, except "file://"; anything
/// else is a file, from the working directory on. Pure.
source_target target_of(const source_setting& source);

}  // namespace streamhost::video
