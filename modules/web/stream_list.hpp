#pragma once

#include <streamhost/port.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::web {

enum class stream_kind : std::uint8_t { image, audio, text, record };
std::string_view to_string(stream_kind kind) noexcept;

/// One link to the console, under the name that people see: the instance at its other end, with the port behind a dot
/// where that feeds two.
struct live_stream {
    std::string name;
    stream_kind kind = stream_kind::image;
    std::uint16_t id = 0;   ///< of this name and kind as long as the console lives; never 0
    std::size_t place = 0;  ///< among those of its kind
};

/// The streams of one kind: what an input is linked to. A stream whose link went keeps its number and its place until
/// it comes back; where all places are taken, one that has gone gives its place away.
class stream_list {
public:
    /// `first_id`: numbers of this list are it, and so many behind it as there are numbers for.
    stream_list(stream_kind kind, std::size_t most, std::uint16_t first_id);

    /// Takes what the input is linked to now. Returns the places that belong to another stream than before.
    std::vector<std::size_t> update(const std::vector<link_source>& sources);

    /// Those that are linked, by name.
    std::vector<live_stream> all() const;
    /// Of a message by the link it came by; null where there is no place for it.
    const live_stream* find(const link_source& source) const;
    const live_stream* find(std::string_view name) const;
    std::size_t places() const noexcept { return places_.size(); }

private:
    struct entry {
        live_stream stream;
        link_source source;
        bool linked = false;
        bool used = false;
    };

    stream_kind kind_;
    std::uint16_t next_id_;
    std::vector<entry> places_;
};

}  // namespace streamhost::web
