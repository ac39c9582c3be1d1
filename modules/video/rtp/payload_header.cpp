#include "rtp/payload_header.hpp"

#include "rtp/big_endian.hpp"

#include <algorithm>

namespace streamhost::video::rtp {
namespace {

constexpr std::size_t main_bytes = 8;
constexpr std::size_t restart_bytes = 4;
constexpr std::size_t tables_head_bytes = 4;
constexpr std::size_t table_bytes = 64;

constexpr unsigned with_restart_markers = 64;  // added to the type

/// Interval by interval reassembly is not offered: the packets end anywhere (section 3.1.7).
constexpr std::uint16_t whole_picture_only = 0xFFFF;

constexpr unsigned lowest_in_band = 128;
constexpr unsigned highest_computed = 99;

}  // namespace

bool payload_header::same_picture(const payload_header& other) const noexcept {
    return sampling == other.sampling && quality == other.quality && columns == other.columns && rows == other.rows &&
           restart_interval == other.restart_interval;
}

std::string_view to_text(payload_problem why) noexcept {
    switch (why) {
        case payload_problem::truncated: return "it is cut";
        case payload_problem::interlaced: return "it is a field of an interlaced picture";
        case payload_problem::kind: return "its type is none of 0, 1, 64 and 65";
        case payload_problem::quality: return "its quality is a reserved number";
        case payload_problem::no_size:
            return "it does not say how large the picture is: above 2040 pixels a side, RTP has no number for that";
        case payload_problem::tables: return "it has neither one nor two quantisation tables of 8 bits";
        case payload_problem::no_restart: return "its restart interval is 0";
        case payload_problem::no_data: return "it has no data";
    }
    return "";
}

std::variant<payload, payload_problem> read_payload(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() < main_bytes) return payload_problem::truncated;
    const auto field = [&](std::size_t at) { return std::to_integer<unsigned>(bytes[at]); };
    if (field(0) != 0) return payload_problem::interlaced;
    const auto type = field(4);
    if ((type & ~with_restart_markers) > 1) return payload_problem::kind;
    payload read;
    auto& header = read.header;
    header.offset = load_big<std::uint32_t, 3>(&bytes[1]);
    header.sampling = static_cast<carried_sampling>(type & 1);
    header.quality = static_cast<std::uint8_t>(field(5));
    header.columns = static_cast<std::uint8_t>(field(6));
    header.rows = static_cast<std::uint8_t>(field(7));
    if (header.columns == 0 || header.rows == 0) return payload_problem::no_size;
    if (header.quality == 0 || (header.quality > highest_computed && header.quality < lowest_in_band))
        return payload_problem::quality;
    bytes = bytes.subspan(main_bytes);

    if ((type & with_restart_markers) != 0) {
        if (bytes.size() < restart_bytes) return payload_problem::truncated;
        header.restart_interval = load_big<std::uint16_t>(bytes.data());
        if (header.restart_interval == 0) return payload_problem::no_restart;
        bytes = bytes.subspan(restart_bytes);
    }
    if (header.offset == 0 && header.quality >= lowest_in_band) {
        if (bytes.size() < tables_head_bytes) return payload_problem::truncated;
        const bool wide = bytes[1] != std::byte{0};
        const std::size_t size = load_big<std::uint16_t>(&bytes[2]);
        bytes = bytes.subspan(tables_head_bytes);
        if (bytes.size() < size) return payload_problem::truncated;
        const bool expected = size == table_bytes || size == 2 * table_bytes || (size == 0 && header.quality != 255);
        if (wide || !expected) return payload_problem::tables;
        header.tables = bytes.first(size);
        bytes = bytes.subspan(size);
    }
    if (bytes.empty()) return payload_problem::no_data;
    read.data = bytes;
    return read;
}

std::size_t payload_header_bytes(const payload_header& header) noexcept {
    std::size_t size = main_bytes;
    if (header.restart_interval != 0) size += restart_bytes;
    if (header.offset == 0 && header.quality >= lowest_in_band) size += tables_head_bytes + header.tables.size();
    return size;
}

void write_payload_header(std::byte* to, const payload_header& header) noexcept {
    to[0] = std::byte{0};
    store_big<std::uint32_t, 3>(to + 1, header.offset);
    const auto type = static_cast<unsigned>(header.sampling) + (header.restart_interval != 0 ? with_restart_markers : 0);
    to[4] = static_cast<std::byte>(type);
    to[5] = std::byte{header.quality};
    to[6] = std::byte{header.columns};
    to[7] = std::byte{header.rows};
    to += main_bytes;
    if (header.restart_interval != 0) {
        store_big(to, header.restart_interval);
        store_big(to + 2, whole_picture_only);
        to += restart_bytes;
    }
    if (header.offset != 0 || header.quality < lowest_in_band) return;
    store_big(to, std::uint16_t{0});
    store_big(to + 2, static_cast<std::uint16_t>(header.tables.size()));
    std::ranges::copy(header.tables, to + tables_head_bytes);
}

}  // namespace streamhost::video::rtp
