// Any bytes as what a WebSocket client sends: in pieces the same messages come of them as at once, none is larger than it
// may be, and nothing follows an end. The first byte chooses the largest message.
#include "websocket.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/utf8.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace sh = streamhost;
namespace web = streamhost::web;

namespace {

std::string read_in_pieces(std::string_view bytes, std::size_t piece, std::size_t most) {
    web::frame_reader reader(most);
    std::string all;
    bool over = false;
    while (!bytes.empty()) {
        const auto some = bytes.substr(0, piece);
        bytes.remove_prefix(some.size());
        const auto broken = reader.feed(std::as_bytes(std::span(some.data(), some.size())), [&](web::ws_opcode opcode, std::span<const std::byte> payload) {
            const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
            STREAMHOST_ASSERT(!over);
            over = opcode == web::ws_opcode::close;
            STREAMHOST_ASSERT(payload.size() <= (opcode >= web::ws_opcode::close ? 125 : most));
            STREAMHOST_ASSERT(opcode != web::ws_opcode::text || sh::utf8::is_valid(text));
            STREAMHOST_ASSERT(opcode != web::ws_opcode::continuation);
            all += std::to_string(static_cast<int>(opcode)) + ":" + std::string(text) + "\n";
        });
        if (broken) all += std::to_string(static_cast<int>(*broken));
        over |= broken.has_value();
        STREAMHOST_ASSERT(over == reader.over());
        STREAMHOST_ASSERT(!over || !reader.is_waiting_for_more());
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t most = data[0] == 0 ? 0 : 16U << (data[0] % 12);
    const auto at_once = read_in_pieces(bytes, std::max<std::size_t>(bytes.size(), 1), most);
    STREAMHOST_ASSERT(read_in_pieces(bytes, 1, most) == at_once);
    STREAMHOST_ASSERT(read_in_pieces(bytes, 5, most) == at_once);
    (void)web::is_websocket_key(bytes);
    return 0;
}
