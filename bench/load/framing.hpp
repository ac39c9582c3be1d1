#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

enum class wire {
    length,  ///< u64, little endian, and so many bytes: frames as they are, or pickles
    framed,  ///< streamhost's own: docs/wire.md
    http,    ///< parts with a Content-Length; without a path nothing is asked for
    rtmp,
};

/// How frames lie in the stream of bytes that a viewer gets, and what it says to get them. One of each viewer.
class framing {
public:
    /// A run of content behind a header; a message is one run or more.
    struct run {
        std::size_t bytes = 0;    ///< 0: the header goes on
        std::size_t message = 0;  ///< left of the message, this run included
        bool begins = false;      ///< the message
    };

    virtual ~framing() = default;

    /// What the viewer says first.
    virtual std::string greeting() = 0;
    /// Reads a header to which bytes have been added, and clears it where it is whole. Throws `std::runtime_error` for what
    /// is none.
    virtual run read_header(std::string& header) = 0;
    /// A message has ended that began with `head`. Whether it may be a frame.
    virtual bool end_message(std::string_view head) = 0;
    /// What has to be said now; empty nearly always.
    virtual std::string take_reply() { return {}; }
    /// Whether the session is being opened still.
    virtual bool opening() const { return false; }
};

std::unique_ptr<framing> make_framing(wire kind, const std::string& path);

}  // namespace bench
