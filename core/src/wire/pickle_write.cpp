#include <streamhost/wire/pickle.hpp>

#include <streamhost/assert.hpp>

#include "wire/little_endian.hpp"

#include <limits>
#include <string_view>

namespace streamhost::pickle {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

// CPython writes a str or bytes of this size or more outside any frame.
constexpr std::size_t frame_target = 64 * 1024;

shared_bytes constant(std::string_view literal) { return {nullptr, std::as_bytes(std::span(literal))}; }

template <class Integer>
void append(std::string& to, Integer number) {
    std::array<std::byte, sizeof(Integer)> bytes;
    wire::store(bytes.data(), number);
    to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void append_frame(std::string& to, std::size_t length) {
    to += '\x95';
    append(to, static_cast<std::uint64_t>(length));
}

/// Opcode and length before `size` bytes of content.
void append_count(std::string& to, char short_opcode, char long_opcode, std::size_t size) {
    STREAMHOST_ASSERT(size <= std::numeric_limits<std::uint32_t>::max());
    if (size <= std::numeric_limits<std::uint8_t>::max()) {
        to += short_opcode;
        append(to, static_cast<std::uint8_t>(size));
    } else {
        to += long_opcode;
        append(to, static_cast<std::uint32_t>(size));
    }
}

void append_side(std::string& to, int side) {
    if (side <= std::numeric_limits<std::uint8_t>::max()) {
        to += 'K';
        append(to, static_cast<std::uint8_t>(side));
    } else if (side <= std::numeric_limits<std::uint16_t>::max()) {
        to += 'M';
        append(to, static_cast<std::uint16_t>(side));
    } else {
        to += 'J';
        append(to, static_cast<std::int32_t>(side));
    }
}

/// A str or bytes alone: the content, its memo entry, the end.
pieces write_content(shared_bytes content, char short_opcode, char long_opcode) {
    constexpr auto suffix = "\x94."sv;
    std::string count;
    append_count(count, short_opcode, long_opcode, content.size());
    std::string prefix = "\x80\x04";
    if (content.size() < frame_target) append_frame(prefix, count.size() + content.size() + suffix.size());
    prefix += count;
    return {shared_bytes::adopt(std::move(prefix)), std::move(content), constant(suffix)};
}

/// From the first name to the flag before the pixels; docs/wire.md takes it apart.
std::string describe_array(const video_frame& frame) {
    std::string text =
        "\x8c\x15numpy.core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94"
        "\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\0\x85\x94"
        "C\x01"
        "b\x94\x87\x94R\x94(K\x01"s;
    append_side(text, frame.height);
    append_side(text, frame.width);
    if (frame.format == pixel_format::bgr8) append_side(text, bytes_per_pixel(frame.format));
    text += frame.format == pixel_format::bgr8 ? '\x87' : '\x86';
    text +=
        "\x94h\x03\x8c\x05"
        "dtype\x94\x93\x94\x8c\x02u1\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNN"
        "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0t\x94"
        "b\x89"sv;
    return text;
}

}  // namespace

pieces write_none() { return {constant("\x80\x04N."sv), {}, {}}; }

pieces write_str(std::string text) { return write_content(shared_bytes::adopt(std::move(text)), '\x8c', 'X'); }

pieces write_bytes(shared_bytes content) { return write_content(std::move(content), 'C', 'B'); }

pieces write_array(const video_frame& frame) {
    STREAMHOST_ASSERT(frame.width > 0 && frame.height > 0);
    STREAMHOST_ASSERT(frame.pixels.size() == frame.row_bytes() * static_cast<std::size_t>(frame.height));
    constexpr auto end = "\x94t\x94"
                         "b."sv;
    constexpr auto framed_end = "\x95\x05\0\0\0\0\0\0\0\x94t\x94"
                                "b."sv;
    const auto description = describe_array(frame);
    std::string count;
    append_count(count, 'C', 'B', frame.pixels.size());
    const bool inside = frame.pixels.size() < frame_target;
    std::string prefix = "\x80\x04";
    append_frame(prefix, description.size() + (inside ? count.size() + frame.pixels.size() + end.size() : 0));
    prefix += description;
    prefix += count;
    return {shared_bytes::adopt(std::move(prefix)), frame.pixels, constant(inside ? end : framed_end)};
}

}  // namespace streamhost::pickle
