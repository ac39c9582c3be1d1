// Any bytes at a console: it stays, gives the connection up where it is wrong, and leaves nothing open. The first byte
// chooses where they arrive: 0 at a fresh connection, 1 as frames of /ws/control, 2 of /ws/media, 3 as messages of
// /ws/control, a line each.
#include "../../modules/web/console.hpp"  // other families have headers of that name, too

#include <streamhost/assert.hpp>
#include <streamhost/log.hpp>
#include <streamhost/testing.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace sh = streamhost;
namespace web = streamhost::web;
using namespace std::chrono_literals;

namespace {

constexpr const char* address = "127.0.0.1:8080";

std::string upgrade(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
}

/// Each line as a text message, with a mask of zeros.
std::string as_messages(std::string_view lines) {
    std::string frames;
    while (!lines.empty()) {
        const auto line = lines.substr(0, std::min<std::size_t>(lines.find('\n'), 60'000));
        lines.remove_prefix(std::min(line.size() + 1, lines.size()));
        auto head = web::frame_head(web::ws_opcode::text, line.size());
        head[1] |= std::byte{0x80};
        frames.append(reinterpret_cast<const char*>(head.data()), head.size());
        frames.append(4, '\0').append(line);
    }
    return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const bool quiet = [] {
        sh::configure_log("off");
        return true;
    }();
    (void)quiet;
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
    sh::testing::harness at(sh::testing::type<web::console>());
    at.run_for(1ms);
    at.feed("images", sh::encoded_image{.width = 1, .height = 1, .data = sh::shared_bytes::adopt(std::string("JPEG"))});
    auto peer = at.connect(address);
    switch (data[0] % 4) {
        case 0: peer.write(bytes); break;
        case 1: peer.write(upgrade("/ws/control") + std::string(bytes)); break;
        case 2: peer.write(upgrade("/ws/media?streams=test")); at.run_for(1ms); peer.write(bytes); break;
        default: peer.write(upgrade("/ws/control")); at.run_for(1ms); peer.write(as_messages(bytes)); break;
    }
    at.run_for(1s);
    auto other = at.connect(address);
    other.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    at.run_for(1ms);
    STREAMHOST_ASSERT(other.read().starts_with("HTTP/1.1 200 "));
    peer.close();
    at.run_for(40s);
    STREAMHOST_ASSERT(at.metric("http_connections") == 0 && at.metric("pages") == 0 && at.metric("viewers") == 0);
    STREAMHOST_ASSERT(at.drain());
    STREAMHOST_ASSERT(at.snapshot().failure.empty());
    return 0;
}
