// Any bytes, in pieces of any size: the same pictures come of them as in one piece, every byte is in a picture or counted,
// and the splitter agrees with the scan of a picture's markers about where it ends.
#include "jpeg_header.hpp"
#include "jpeg_splitter.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <vector>

namespace sh = streamhost;

namespace {

struct outcome {
    std::vector<sh::shared_bytes> pictures;
    std::uint64_t skipped = 0;
};

/// The sizes of the pieces repeat those in `sizes`.
outcome split(std::span<const std::byte> bytes, std::span<const std::size_t> sizes) {
    sh::video::jpeg_splitter splitter;
    outcome result;
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        auto piece = bytes.first(std::min(sizes[i % sizes.size()], bytes.size()));
        bytes = bytes.subspan(piece.size());
        while (auto picture = splitter.next(piece)) result.pictures.push_back(std::move(*picture));
        STREAMHOST_ASSERT(piece.empty());
    }
    splitter.finish();
    result.skipped = splitter.skipped_bytes();
    return result;
}

void must_be_same(const outcome& a, const outcome& b) {
    STREAMHOST_ASSERT(a.skipped == b.skipped && a.pictures.size() == b.pictures.size());
    for (std::size_t i = 0; i < a.pictures.size(); ++i)
        STREAMHOST_ASSERT(std::ranges::equal(a.pictures[i].span(), b.pictures[i].span()));
}

void must_look_like_a_picture(std::span<const std::byte> picture) {
    STREAMHOST_ASSERT(picture.size() >= 4 && picture.size() <= sh::video::jpeg_splitter::max_picture_bytes);
    STREAMHOST_ASSERT(picture[0] == std::byte{0xFF} && picture[1] == std::byte{0xD8});
    STREAMHOST_ASSERT(picture[picture.size() - 2] == std::byte{0xFF} && picture.back() == std::byte{0xD9});
    const auto info = sh::video::scan_jpeg(picture);
    STREAMHOST_ASSERT(!info || info->bytes == picture.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::size_t whole[] = {std::max<std::size_t>(size, 1)};
    const std::size_t single[] = {1};
    const std::size_t mixed[] = {3, 1, 64, 7, 2, 512};
    const auto expected = split(bytes, whole);
    must_be_same(expected, split(bytes, single));
    must_be_same(expected, split(bytes, mixed));

    std::uint64_t sum = expected.skipped;
    for (const auto& picture : expected.pictures) {
        must_look_like_a_picture(picture.span());
        sum += picture.size();
    }
    STREAMHOST_ASSERT(sum == size);

    const auto first = sh::video::scan_jpeg(bytes);
    if (first && first->bytes <= sh::video::jpeg_splitter::max_picture_bytes)
        STREAMHOST_ASSERT(!expected.pictures.empty() && expected.pictures.front().size() == first->bytes);
    return 0;
}
