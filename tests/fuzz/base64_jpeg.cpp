// Any bytes as a datagram: a picture or none. What is a picture is written again as exactly those bytes, its header is
// scanned as it would be before it leaves a module, and no picture is taken for a request or the other way round.
#include "jpeg_header.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/base64.hpp>
#include <streamhost/wire/base64_jpeg.hpp>

#include <algorithm>

namespace sh = streamhost;
namespace wire = streamhost::base64_jpeg;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const auto datagram = std::as_bytes(std::span(data, size));
    const auto request = wire::read_request(datagram);
    STREAMHOST_ASSERT(size <= wire::longest_request || request == wire::request::nothing);

    const auto plain = sh::base64::decode(datagram);
    if (plain) STREAMHOST_ASSERT(std::ranges::equal(sh::base64::encode(plain->span()).span(), datagram));
    const auto jpeg = wire::decode(datagram);
    if (!jpeg) return 0;
    STREAMHOST_ASSERT(plain && std::ranges::equal(plain->span(), jpeg->span()));
    STREAMHOST_ASSERT(request != wire::request::view && request != wire::request::bye && !wire::is_refusal(datagram));
    const auto again = wire::encode(jpeg->span());
    STREAMHOST_ASSERT(again.has_value() == (jpeg->size() <= wire::largest_jpeg));
    const auto info = sh::video::scan_jpeg(jpeg->span());
    STREAMHOST_ASSERT(!info || info->bytes <= jpeg->size());
    return 0;
}
