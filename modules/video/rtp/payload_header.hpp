#pragma once

#include "rtp/carriage.hpp"

#include <streamhost/result.hpp>

namespace streamhost::video::rtp {

/// What stands before the compressed data in each packet of a picture: RFC 2435, sections 3.1, 3.1.7 and 3.1.8.
struct payload_header {
    std::uint32_t offset = 0;  ///< of this packet's data in the picture's, bytes (24 bits)
    carried_sampling sampling = carried_sampling::yuv420;
    std::uint8_t quality = 255;  ///< `Q`: 1 to 99 computed tables, from 128 on tables in band
    std::uint8_t columns = 0;    ///< of 8 pixels
    std::uint8_t rows = 0;
    std::uint16_t restart_interval = 0;  ///< 0: the types without restart markers

    /// In the first packet of a picture with a `quality` from 128 on: one table (all components share it) or two; none
    /// where those that came earlier hold.
    std::span<const std::byte> tables;

    /// What all packets of a picture have in common.
    bool same_picture(const payload_header& other) const noexcept;
};

/// Why a payload is not taken.
enum class payload_problem : std::uint8_t {
    truncated,   ///< a length leads beyond the packet
    interlaced,  ///< fields of a picture, not a picture
    kind,        ///< none of the types 0, 1, 64 and 65
    quality,     ///< a reserved `Q`
    no_size,     ///< a size of 0: it stands in the session description only, as for pictures above 2040 a side
    tables,      ///< neither one nor two tables of 8 bits, or none where there have to be some
    no_restart,  ///< a type with restart markers and an interval of 0
    no_data,
};
std::string_view to_text(payload_problem why) noexcept;

struct payload {
    payload_header header;
    std::span<const std::byte> data;  ///< compressed
};
std::variant<payload, payload_problem> read_payload(std::span<const std::byte> bytes) noexcept;

/// Bytes before the data in a picture's packets: in the first one, where the tables go along, and in the others.
std::size_t payload_header_bytes(const payload_header& header) noexcept;

/// Writes `payload_header_bytes`.
void write_payload_header(std::byte* to, const payload_header& header) noexcept;

}  // namespace streamhost::video::rtp
