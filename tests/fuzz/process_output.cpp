// Any bytes as what a program writes to process.run: in pieces the same messages and complaints come of them as at once,
// and every message is one that the host may pass on. The first byte chooses the form and the ports.
#include "message_writer.hpp"
#include "output_parser.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/framed_types.hpp>
#include <streamhost/wire/framed.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace sh = streamhost;
namespace process = streamhost::process;

namespace {

struct setting {
    process::port_table ports;
    process::message_form form;
};

const std::vector<setting>& settings() {
    using process::message_form;
    const process::port_types all_types{{"frame", "video_frame"}, {"image", "encoded_image"}, {"raw", "bytes"},
                                        {"readings", "record"},   {"said", "text"},           {"sound", "audio_block"}};
    static const std::vector<setting> all{
        {process::table_of({{"readings", "record"}}), message_form::lines},
        {process::table_of({{"said", "text"}}), message_form::lines},
        {process::table_of({{"readings", "record"}, {"said", "text"}}), message_form::lines},
        {process::table_of({{"raw", "bytes"}}), message_form::frames},
        {process::table_of(all_types), message_form::frames},
    };
    return all;
}

constexpr process::output_limits limits{.line_bytes = 4096, .payload_bytes = 64 * 1024};

/// As `process.run` would write it, and with its complaints.
std::vector<std::string> read_in_pieces(const setting& how, std::span<const std::byte> bytes, std::size_t piece) {
    process::output_parser parser(how.ports, how.form, limits);
    const process::message_writer writer(how.ports, process::message_form::frames);
    std::vector<std::string> all;
    bool ended = false;
    while (!bytes.empty()) {
        auto some = bytes.first(std::min(piece, bytes.size()));
        bytes = bytes.subspan(some.size());
        while (const auto outcome = parser.next(some)) {
            STREAMHOST_ASSERT(!ended);
            if (!*outcome) {
                ended = outcome->error().fatal;
                all.push_back(outcome->error().text);
                continue;
            }
            const auto& message = **outcome;
            STREAMHOST_ASSERT(message.port < how.ports.size());
            STREAMHOST_ASSERT(*message.content.type == *how.ports[message.port].type);
            // What the wires assert of it holds.
            const auto framed = sh::framed::encode(sh::framed::header{}, sh::to_framed_payload(message.content));
            STREAMHOST_ASSERT(framed.size() > 0);
            const auto written = writer.write(message.port, message.content);
            STREAMHOST_ASSERT(written.line.ends_with('\n') && written.line.find('\n') == written.line.size() - 1);
            all.push_back(written.line + std::string(written.payload.as_text()));
        }
        STREAMHOST_ASSERT(some.empty() || ended);
    }
    if (const auto rest = parser.finish()) all.push_back(rest->text);
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const auto& how = settings()[data[0] % settings().size()];
    const auto bytes = std::as_bytes(std::span(data + 1, size - 1));
    const auto at_once = read_in_pieces(how, bytes, std::max<std::size_t>(bytes.size(), 1));
    // A header that is too long is known before its end, where it comes in pieces.
    const bool too_long = !at_once.empty() && at_once.back().find("longer than") != std::string::npos;
    if (too_long && how.form == process::message_form::frames) return 0;
    STREAMHOST_ASSERT(read_in_pieces(how, bytes, 1) == at_once);
    STREAMHOST_ASSERT(read_in_pieces(how, bytes, 7) == at_once);
    return 0;
}
