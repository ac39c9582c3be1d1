#include "wav_header.hpp"

#include <concepts>
#include <limits>
#include <string_view>

namespace streamhost::audio {
namespace {

constexpr std::uint16_t pcm_tag = 1;
constexpr std::uint16_t float_tag = 3;
constexpr std::uint16_t extensible_tag = 0xFFFE;
/// Of a sub-format: its tag stands before it (RFC 2361, section 4).
constexpr std::string_view tag_guid_rest("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71", 14);
constexpr std::size_t ds64_size = 28;

class byte_writer {
public:
    template <std::unsigned_integral Integer>
    byte_writer& put(Integer number) {
        for (std::size_t i = 0; i < sizeof number; ++i) bytes_.push_back(static_cast<std::byte>(number >> (8 * i)));
        return *this;
    }
    byte_writer& put(std::string_view text) {
        for (const char c : text) bytes_.push_back(static_cast<std::byte>(c));
        return *this;
    }
    byte_writer& put(const byte_writer& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }
    byte_writer& put_zeros(std::size_t count) {
        bytes_.insert(bytes_.end(), count, std::byte{0});
        return *this;
    }
    byte_writer& put_chunk(std::string_view name, const byte_writer& content) {
        return put(name).put(static_cast<std::uint32_t>(content.bytes_.size())).put(content);
    }

    std::size_t size() const noexcept { return bytes_.size(); }
    std::vector<std::byte> take() && { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

std::uint32_t capped(std::uint64_t number) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(number < most ? number : most);
}

byte_writer format_chunk(const sound_format& format) {
    const auto tag = format.samples == sample_format::f32 ? float_tag : pcm_tag;
    const bool extensible = format.channels > 2;
    const auto bits = static_cast<std::uint16_t>(8 * bytes_per_sample(format.samples));
    const auto frame_bytes = static_cast<std::uint32_t>(format.frame_bytes());
    byte_writer out;
    out.put(extensible ? extensible_tag : tag)
        .put(static_cast<std::uint16_t>(format.channels))
        .put(static_cast<std::uint32_t>(format.rate))
        .put(static_cast<std::uint32_t>(format.rate) * frame_bytes)
        .put(static_cast<std::uint16_t>(frame_bytes))
        .put(bits);
    constexpr std::uint16_t extension_size = 22;
    constexpr std::uint32_t no_speakers = 0;
    if (extensible) out.put(extension_size).put(bits).put(no_speakers).put(tag).put(tag_guid_rest);
    if (!extensible && tag == float_tag) out.put(std::uint16_t{0});
    return out;
}

}  // namespace

std::vector<std::byte> wav_header(const sound_format& format, std::uint64_t data_bytes) {
    byte_writer fixed;  // what lies between the place for the large sizes and the samples
    fixed.put_chunk("fmt ", format_chunk(format));
    const auto frames = data_bytes / format.frame_bytes();
    if (format.samples == sample_format::f32) fixed.put_chunk("fact", byte_writer().put(capped(frames)));

    constexpr std::size_t chunk_start = 8;
    const auto riff_bytes = std::uint64_t{4} + chunk_start + ds64_size + fixed.size() + chunk_start + data_bytes;
    const bool large = riff_bytes > std::numeric_limits<std::uint32_t>::max();
    byte_writer sizes;
    if (large) {
        sizes.put(riff_bytes).put(data_bytes).put(frames).put(std::uint32_t{0});
    } else {
        sizes.put_zeros(ds64_size);
    }
    byte_writer out;
    constexpr std::uint32_t elsewhere = 0xFFFFFFFF;
    out.put(large ? "RF64" : "RIFF").put(large ? elsewhere : static_cast<std::uint32_t>(riff_bytes)).put("WAVE");
    out.put_chunk(large ? "ds64" : "JUNK", sizes).put(fixed);
    out.put("data").put(large ? elsewhere : static_cast<std::uint32_t>(data_bytes));
    return std::move(out).take();
}

}  // namespace streamhost::audio
