#pragma once

#include "stamp.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace bench {

struct picture_size {
    std::size_t width = 0;
    std::size_t height = 0;
};

struct outlet_options {
    std::string kind = "length";
    std::uint16_t port = 0;
    std::string path;       ///< "/mount" of icecast, "app/stream" of rtmp
    std::string password;   ///< of icecast
    picture_size size;      ///< of the picture
    bool raw = false;       ///< pixels; else a JPEG
};

/// Where frames go to: one server that hands them on.
class outlet {
public:
    virtual ~outlet() = default;
    /// Waits until there is a server. Throws `std::runtime_error` where it went and cannot come back.
    virtual void open() = 0;
    /// False where the server has gone: `open` then waits for the next one.
    virtual bool send(const stamped_content& frame, const stamp& made) = 0;
};

/// `length`, `framed`, `pickle`, `parts`: serves at the port, says "port N" on standard output, and has one viewer at a
/// time. `icecast`, `rtmp`: publishes to a server that is there.
std::unique_ptr<outlet> make_outlet(const outlet_options& chosen);

}  // namespace bench
