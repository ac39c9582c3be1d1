#include "rtp/carriage.hpp"

#include "jpeg_header.hpp"
#include "rtp/big_endian.hpp"

#include <algorithm>
#include <optional>

namespace streamhost::video::rtp {
namespace {

using bytes = std::span<const std::byte>;

unsigned bits(std::byte from) { return std::to_integer<unsigned>(from); }

/// What the segments before the scan define, by the numbers that they give it. Their framing was checked by `scan_jpeg`,
/// their contents were not.
class definitions {
public:
    /// Requires the beginning of a picture, up to its compressed data.
    std::optional<obstacle> read(bytes head) {
        for (std::size_t at = 2; at < head.size();) {
            while (head[at + 1] == std::byte{0xFF}) ++at;  // fill bytes
            const auto code = bits(head[at + 1]);
            const std::size_t length = load_big<std::uint16_t>(&head[at + 2]);
            if (!note(code, head.subspan(at + 4, length - 2))) return obstacle::damaged;
            at += 2 + length;
        }
        return wide_table_ ? std::optional(obstacle::quantisation) : std::nullopt;
    }

    bytes quantisation(unsigned number) const { return number < 4 ? quantisation_[number] : bytes(); }
    /// `numbers`: of the DC table in the upper half, of the AC table in the lower.
    bool has_standard_huffman(unsigned numbers, bool luma) const {
        const auto wanted = luma ? standard_luma_huffman() : standard_chroma_huffman();
        return is_table(dc_, numbers >> 4, wanted.dc, luma) && is_table(ac_, numbers & 15, wanted.ac, luma);
    }

    bytes frame;  ///< of the frame header: what stands behind the number of components
    bytes scan;   ///< of the scan header: what stands behind the number of components
    std::uint16_t restart_interval = 0;
    bool has_jfif = false;
    int adobe_transform = -1;  ///< -1: no such segment

private:
    using tables = std::array<bytes, 4>;

    bool note(unsigned code, bytes content) {
        switch (code) {
            case 0xC0:
            case 0xC1: frame = content.subspan(6); return true;
            case 0xC4: return note_huffman(content);
            case 0xDA: scan = content.subspan(1); return true;
            case 0xDB: return note_quantisation(content);
            case 0xDD:
                if (content.size() != 2) return false;
                restart_interval = load_big<std::uint16_t>(content.data());
                return true;
            case 0xE0: has_jfif |= begins_with(content, "JFIF"); return true;
            case 0xEE:
                if (begins_with(content, "Adobe") && content.size() >= 12) adobe_transform = std::to_integer<int>(content[11]);
                return true;
            default: return true;
        }
    }

    static bool begins_with(bytes content, std::string_view text) {
        return content.size() >= text.size() && std::ranges::equal(content.first(text.size()), std::as_bytes(std::span(text)));
    }

    bool note_huffman(bytes content) {
        while (!content.empty()) {
            if (content.size() < 17) return false;
            std::size_t size = 16;
            for (std::size_t i = 1; i <= 16; ++i) size += bits(content[i]);
            const auto head = bits(content[0]);
            if (content.size() < 1 + size || (head & 0xEC) != 0) return false;
            ((head & 0x10) != 0 ? ac_ : dc_)[head & 3] = content.subspan(1, size);
            content = content.subspan(1 + size);
        }
        return true;
    }

    bool note_quantisation(bytes content) {
        while (!content.empty()) {
            const auto head = bits(content[0]);
            const std::size_t size = head >> 4 == 0 ? 64 : 128;
            if (content.size() < 1 + size || (head & 0xEC) != 0) return false;
            wide_table_ |= size != 64;
            quantisation_[head & 3] = content.subspan(1, size);
            content = content.subspan(1 + size);
        }
        return true;
    }

    /// Motion JPEG from cameras leaves out the standard's tables: 0 is for the luma then, 1 for the chroma.
    static bool is_table(const tables& defined, unsigned number, bytes wanted, bool luma) {
        if (number >= defined.size()) return false;
        if (defined[number].empty()) return number == (luma ? 0U : 1U);
        return std::ranges::equal(defined[number], wanted);
    }

    tables quantisation_;
    tables dc_;
    tables ac_;
    bool wide_table_ = false;
};

/// In a JFIF file they are; where nothing says it, the names R, G and B say the contrary. As the IJG's library has it.
bool is_luma_and_chroma(const definitions& of) {
    if (of.has_jfif) return true;
    if (of.adobe_transform >= 0) return of.adobe_transform == 1;
    return !(of.frame[0] == std::byte{'R'} && of.frame[3] == std::byte{'G'} && of.frame[6] == std::byte{'B'});
}

/// The one scan names the three components in the order of the frame, and all of their coefficients.
bool is_whole_scan(const definitions& of) {
    if (of.scan.size() != 9) return false;
    for (std::size_t i = 0; i < 3; ++i) {
        if (of.scan[2 * i] != of.frame[3 * i]) return false;
    }
    return bits(of.scan[6]) == 0 && bits(of.scan[7]) == 63 && bits(of.scan[8]) == 0;
}

}  // namespace

std::string_view to_text(obstacle why) noexcept {
    switch (why) {
        case obstacle::damaged: return "it is damaged";
        case obstacle::progressive: return "it is progressive";
        case obstacle::scans: return "its colours are not in one scan";
        case obstacle::gray: return "it is gray";
        case obstacle::sampling: return "its colour is neither 4:2:0 nor 4:2:2";
        case obstacle::colours: return "it has no luma and chroma";
        case obstacle::huffman: return "its Huffman tables are not the standard's";
        case obstacle::quantisation: return "it has more than two quantisation tables, or some of 16 bits";
        case obstacle::too_large: return "a side is above 2040 pixels";
        case obstacle::too_long: return "it has more than 2 MiB";
    }
    return "";
}

std::variant<carried_picture, obstacle> carry(std::span<const std::byte> jpeg) noexcept {
    const auto info = scan_jpeg(jpeg);
    if (!info) return obstacle::damaged;
    if (info->progressive) return obstacle::progressive;
    if (info->components != 3) return obstacle::gray;
    if (info->sampling != jpeg_sampling::yuv420 && info->sampling != jpeg_sampling::yuv422) return obstacle::sampling;
    if (info->scans != 1) return obstacle::scans;
    if (info->width > largest_side || info->height > largest_side) return obstacle::too_large;
    if (info->scan_bytes > longest_scan) return obstacle::too_long;
    if (info->scan_bytes == 0) return obstacle::damaged;

    definitions defined;
    if (const auto problem = defined.read(jpeg.first(info->scan_at))) return *problem;
    if (!is_whole_scan(defined)) return obstacle::scans;
    if (!is_luma_and_chroma(defined)) return obstacle::colours;
    for (std::size_t i = 0; i < 3; ++i) {
        if (!defined.has_standard_huffman(bits(defined.scan[2 * i + 1]), i == 0)) return obstacle::huffman;
    }
    const auto table = [&](std::size_t component) { return defined.quantisation(bits(defined.frame[3 * component + 2])); };
    if (table(0).empty() || table(1).empty() || table(2).empty()) return obstacle::damaged;
    if (!std::ranges::equal(table(1), table(2))) return obstacle::quantisation;

    carried_picture picture;
    picture.width = info->width;
    picture.height = info->height;
    picture.sampling = info->sampling == jpeg_sampling::yuv420 ? carried_sampling::yuv420 : carried_sampling::yuv422;
    picture.restart_interval = defined.restart_interval;
    std::ranges::copy(table(0), picture.tables.luma.begin());
    std::ranges::copy(table(1), picture.tables.chroma.begin());
    picture.scan = jpeg.subspan(info->scan_at, info->scan_bytes);
    return picture;
}

}  // namespace streamhost::video::rtp
