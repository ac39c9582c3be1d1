#include "rtp/jfif.hpp"

#include "rtp/big_endian.hpp"

#include <streamhost/assert.hpp>

#include <initializer_list>
#include <string_view>

namespace streamhost::video::rtp {
namespace {

class segment_writer {
public:
    void marker(int code) { numbers({0xFF, code}); }
    void numbers(std::initializer_list<int> values) {
        for (const int value : values) picture_.push_back(static_cast<std::byte>(value));
    }
    void wide(int value) { numbers({value >> 8, value & 255}); }
    void copy(std::span<const std::byte> bytes) { picture_.insert(picture_.end(), bytes.begin(), bytes.end()); }
    void huffman(int class_and_number, std::span<const std::byte> table) {
        marker(0xC4);
        wide(static_cast<int>(3 + table.size()));
        numbers({class_and_number});
        copy(table);
    }
    std::vector<std::byte> finish() && { return std::move(picture_); }

private:
    std::vector<std::byte> picture_;
};

}  // namespace

std::vector<std::byte> make_jfif_head(const payload_header& header, std::span<const std::byte> tables, int width,
                                      int height) {
    STREAMHOST_ASSERT(tables.size() == 64 || tables.size() == 128);
    STREAMHOST_ASSERT(width >= 1 && width <= largest_side && height >= 1 && height <= largest_side);
    segment_writer to;
    to.marker(0xD8);
    to.marker(0xE0);
    to.wide(16);
    to.copy(std::as_bytes(std::span("JFIF", 5)));
    to.numbers({1, 1, 0, 0, 1, 0, 1, 0, 0});  // version 1.1; no unit, pixels are square; no thumbnail

    const bool two_tables = tables.size() == 128;
    for (int number = 0; number < (two_tables ? 2 : 1); ++number) {
        to.marker(0xDB);
        to.wide(67);
        to.numbers({number});
        to.copy(tables.subspan(static_cast<std::size_t>(number) * 64, 64));
    }
    to.marker(0xC0);
    to.wide(17);
    to.numbers({8});
    to.wide(height);
    to.wide(width);
    const int luma_factors = header.sampling == carried_sampling::yuv420 ? 0x22 : 0x21;
    const int chroma_table = two_tables ? 1 : 0;
    to.numbers({3, 1, luma_factors, 0, 2, 0x11, chroma_table, 3, 0x11, chroma_table});
    to.huffman(0x00, standard_luma_huffman().dc);
    to.huffman(0x10, standard_luma_huffman().ac);
    to.huffman(0x01, standard_chroma_huffman().dc);
    to.huffman(0x11, standard_chroma_huffman().ac);
    if (header.restart_interval != 0) {
        to.marker(0xDD);
        to.wide(4);
        to.wide(header.restart_interval);
    }
    to.marker(0xDA);
    to.wide(12);
    to.numbers({3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0});
    return std::move(to).finish();
}

void end_jfif(std::vector<std::byte>& picture) {
    constexpr std::byte end[] = {std::byte{0xFF}, std::byte{0xD9}};
    const bool ended = picture.size() >= 2 && picture[picture.size() - 2] == end[0] && picture.back() == end[1];
    if (!ended) picture.insert(picture.end(), std::begin(end), std::end(end));
}

}  // namespace streamhost::video::rtp
