#include "jpeg_header.hpp"

#include <array>
#include <cstring>

namespace streamhost::video {
namespace {

namespace marker {
enum : std::uint8_t {
    sof0 = 0xC0,  // baseline
    sof1 = 0xC1,  // extended sequential
    sof2 = 0xC2,  // progressive
    dht = 0xC4,
    rst0 = 0xD0,
    rst7 = 0xD7,
    soi = 0xD8,
    eoi = 0xD9,
    sos = 0xDA,
    dqt = 0xDB,
    dri = 0xDD,
    exp = 0xDF,
    app0 = 0xE0,
    app15 = 0xEF,
    com = 0xFE,
};
}

constexpr std::byte marker_start{0xFF};

bool is_restart(std::uint8_t code) noexcept { return code >= marker::rst0 && code <= marker::rst7; }

// SOF3 and SOF5..15 (lossless, differential, arithmetic), JPG, DAC, DNL, DHP, EXP: legal, but not taken here.
bool is_other_process(std::uint8_t code) noexcept {
    return (code > marker::sof2 && code < marker::rst0) || (code > marker::dqt && code <= marker::exp);
}

bool is_skipped(std::uint8_t code) noexcept {
    return code == marker::dht || code == marker::dqt || code == marker::dri || code == marker::com ||
           (code >= marker::app0 && code <= marker::app15);
}

jpeg_sampling sampling_of(std::span<const std::byte> components) noexcept {
    // Three bytes a component: identifier, sampling factors (horizontal in the upper half), table.
    const auto factors = [&](std::size_t i) { return std::to_integer<int>(components[3 * i + 1]); };
    if (components.size() == 3) return jpeg_sampling::gray;
    if (factors(1) != 0x11 || factors(2) != 0x11) return jpeg_sampling::other;
    switch (factors(0)) {
        case 0x11: return jpeg_sampling::yuv444;
        case 0x12: return jpeg_sampling::yuv440;
        case 0x21: return jpeg_sampling::yuv422;
        case 0x22: return jpeg_sampling::yuv420;
        case 0x41: return jpeg_sampling::yuv411;
        default: return jpeg_sampling::other;
    }
}

class marker_scan {
public:
    explicit marker_scan(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

    result<jpeg_info> run() noexcept {
        if (auto problem = start()) return problem;
        for (;;) {
            std::uint8_t code = 0;
            if (auto problem = next_marker(code)) return problem;
            if (code == marker::eoi) break;
            if (auto problem = segment(code)) return problem;
        }
        if (info_.scans == 0) return errc::malformed;
        info_.bytes = position_;
        return info_;
    }

private:
    error_code start() noexcept {
        constexpr std::array expected{marker_start, std::byte{marker::soi}};
        for (; position_ < expected.size(); ++position_) {
            if (position_ == bytes_.size()) return errc::truncated;
            if (bytes_[position_] != expected[position_]) return errc::malformed;
        }
        return {};
    }

    // Leaves the position behind the marker's code. Any number of fill bytes may stand before the code.
    error_code next_marker(std::uint8_t& code) noexcept {
        if (position_ == bytes_.size()) return errc::truncated;
        if (bytes_[position_] != marker_start) return errc::malformed;
        while (position_ < bytes_.size() && bytes_[position_] == marker_start) ++position_;
        if (position_ == bytes_.size()) return errc::truncated;
        code = std::to_integer<std::uint8_t>(bytes_[position_++]);
        return {};
    }

    error_code segment(std::uint8_t code) noexcept {
        const bool frame_header = code >= marker::sof0 && code <= marker::sof2;
        if (!frame_header && code != marker::sos && !is_skipped(code))
            return is_other_process(code) ? errc::unsupported : errc::malformed;

        std::span<const std::byte> content;
        if (auto problem = take_content(content)) return problem;
        if (frame_header) return frame(code, content);
        if (code == marker::sos) return scan(content);
        return {};
    }

    // The bytes behind a segment's length field, which counts itself.
    error_code take_content(std::span<const std::byte>& content) noexcept {
        if (bytes_.size() - position_ < 2) return errc::truncated;
        const auto length = big_endian_16(bytes_.subspan(position_));
        if (length < 2) return errc::malformed;
        if (bytes_.size() - position_ < length) return errc::truncated;
        content = bytes_.subspan(position_ + 2, length - 2);
        position_ += length;
        return {};
    }

    error_code frame(std::uint8_t code, std::span<const std::byte> content) noexcept {
        if (info_.components != 0 || content.size() < 6) return errc::malformed;
        const auto precision = std::to_integer<int>(content[0]);
        info_.height = static_cast<int>(big_endian_16(content.subspan(1)));
        info_.width = static_cast<int>(big_endian_16(content.subspan(3)));
        info_.components = std::to_integer<int>(content[5]);
        info_.progressive = code == marker::sof2;

        const auto components = content.subspan(6);
        if (info_.components == 0 || components.size() != 3 * static_cast<std::size_t>(info_.components))
            return errc::malformed;
        if (info_.width == 0) return errc::malformed;
        // A height of 0 announces that a later marker tells it: scanners of old did that.
        if (precision != 8 || info_.height == 0 || (info_.components != 1 && info_.components != 3))
            return errc::unsupported;
        if (info_.width > max_picture_side || info_.height > max_picture_side ||
            std::int64_t{info_.width} * info_.height > max_picture_pixels)
            return errc::too_large;
        for (std::size_t i = 1; i < components.size(); i += 3) {
            const auto factors = std::to_integer<int>(components[i]);
            if ((factors >> 4) < 1 || (factors >> 4) > 4 || (factors & 15) < 1 || (factors & 15) > 4)
                return errc::malformed;
        }
        info_.sampling = sampling_of(components);
        return {};
    }

    error_code scan(std::span<const std::byte> content) noexcept {
        if (info_.components == 0 || content.empty()) return errc::malformed;
        const auto components = std::to_integer<int>(content[0]);
        if (components < 1 || components > info_.components) return errc::malformed;
        if (content.size() != 4 + 2 * static_cast<std::size_t>(components)) return errc::malformed;
        if (++info_.scans > max_jpeg_scans) return errc::too_large;
        return skip_compressed_data();
    }

    // Stops before the next marker that is not part of the compressed data.
    error_code skip_compressed_data() noexcept {
        info_.scan_at = position_;
        for (;;) {
            const auto* from = bytes_.data() + position_;
            const void* found = std::memchr(from, 0xFF, bytes_.size() - position_);
            if (found == nullptr) return errc::truncated;
            const auto at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes_.data());
            position_ = at;
            std::uint8_t code = 0;
            if (auto problem = next_marker(code)) return problem;
            if (code != 0 && !is_restart(code)) {
                info_.scan_bytes = at - info_.scan_at;
                position_ -= 2;
                return {};
            }
        }
    }

    static std::size_t big_endian_16(std::span<const std::byte> bytes) noexcept {
        return std::to_integer<std::size_t>(bytes[0]) << 8 | std::to_integer<std::size_t>(bytes[1]);
    }

    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
    jpeg_info info_;
};

}  // namespace

result<jpeg_info> scan_jpeg(std::span<const std::byte> bytes) noexcept { return marker_scan(bytes).run(); }

}  // namespace streamhost::video
