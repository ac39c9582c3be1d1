// Any bytes as what a peer of a chat sends, on either wire: in pieces of any size the same lines come of them, each valid
// and within its limit, and then an end. The first byte chooses the wire.
#include "chat_wire.hpp"

#include "async/lane.hpp"
#include "net/stream_implementation.hpp"
#include "runtime/simulation.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/task_group.hpp>
#include <streamhost/wire/utf8.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

namespace sh = streamhost;

namespace {

/// Gives the same bytes in pieces of one size, and then ends.
class prepared_stream final : public sh::stream::implementation {
public:
    prepared_stream(const sh::clock& time, std::string_view bytes, std::size_t piece)
        : clock_(time), bytes_(bytes), piece_(piece) {}

    const sh::clock& time() const noexcept override { return clock_; }
    sh::awaitable<sh::result<std::size_t>> read_some(std::span<std::byte> into, sh::duration) override {
        if (bytes_.empty()) co_return sh::errc::end_of_stream;
        const auto count = std::min({bytes_.size(), piece_, into.size()});
        std::memcpy(into.data(), bytes_.data(), count);
        bytes_.remove_prefix(count);
        co_return count;
    }
    sh::awaitable<sh::result<std::size_t>> write_some(std::span<const sh::asio::const_buffer>, sh::duration) override {
        co_return sh::make_error_code(sh::errc::unsupported);
    }
    void finish() override {}
    void close() override {}

private:
    const sh::clock& clock_;
    std::string_view bytes_;
    std::size_t piece_;
};

struct outcome {
    std::vector<std::string> lines;
    sh::error_code end;

    friend bool operator==(const outcome&, const outcome&) = default;
};

sh::awaitable<void> read_all(sh::stream& from, sh::chat::chat_wire wire, const sh::clock& time, outcome& into) {
    sh::chat::line_reader reader(from, wire, time, std::chrono::seconds(10));
    for (;;) {
        auto line = co_await reader.next();
        if (!line) {
            STREAMHOST_ASSERT(!reader.problem().empty());
            into.end = line.error();
            break;
        }
        STREAMHOST_ASSERT(line->size() <= sh::chat::max_line && sh::utf8::is_valid(*line));
        into.lines.push_back(std::move(*line));
    }
}

outcome read_in_pieces(std::string_view bytes, sh::chat::chat_wire wire, std::size_t piece) {
    static const sh::simulated_clock time;
    outcome read;
    sh::lane lane("fuzz", time);
    sh::stream session(std::make_unique<prepared_stream>(time, bytes, piece));
    std::optional<sh::task_group> tasks(lane.own_executor());
    tasks->spawn(read_all(session, wire, time, read));
    while (lane.poll() > 0) {
    }
    STREAMHOST_ASSERT(tasks->size() == 0 && read.end);
    return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    if (size == 0) return 0;
    const auto wire = data[0] % 2 == 0 ? sh::chat::chat_wire::lines : sh::chat::chat_wire::pickle;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto at_once = read_in_pieces(bytes, wire, std::max<std::size_t>(bytes.size(), 1));
    STREAMHOST_ASSERT(read_in_pieces(bytes, wire, 1) == at_once);
    STREAMHOST_ASSERT(read_in_pieces(bytes, wire, 7) == at_once);

    // What was read is written and read again. (A CR at the end of a line is part of its end on the wire `lines`.)
    std::string written;
    for (const auto& line : at_once.lines) {
        if (wire == sh::chat::chat_wire::lines && line.ends_with('\r')) return 0;
        for (const auto& piece : sh::chat::to_wire(wire, line).pieces) written += piece.as_text();
    }
    const auto again = read_in_pieces(written, wire, 4096);
    STREAMHOST_ASSERT(again.lines == at_once.lines && again.end == sh::errc::end_of_stream);
    return 0;
}
