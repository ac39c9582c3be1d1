#include "control_session.hpp"

#include <streamhost/wire/utf8.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <utility>
#include <vector>

namespace streamhost::web {
namespace {

namespace json = boost::json;

constexpr auto newest = usual_queue(queue_policy::latest);
constexpr auto lines = usual_queue(queue_policy::drop_oldest);
constexpr std::size_t deepest = 16;  // levels of JSON

}  // namespace

control_session::control_session(module_context& host, stream session, std::string id, bool admin,
                                 std::size_t record_streams)
    : host_(host), session_(std::move(session)), id_(std::move(id)), admin_(admin) {
    for (const auto each : {hello, operating, graph}) out_.open(each, newest);
    out_.open(chat, lines);
    for (std::size_t i = 0; i < record_streams; ++i) out_.open(first_record + i, newest);
}

std::shared_ptr<const wire_message> control_session::make(const json::object& content) {
    auto text = json::serialize(content);
    // A browser would close the session.
    if (!utf8::is_valid(text)) text = R"({"type":"error","text":"a message that is no text was left out"})";
    return std::make_shared<const wire_message>(text_frame(text));
}

void control_session::post(std::size_t channel, std::shared_ptr<const wire_message> content) {
    if (over_) return;
    const auto now_ns = host_.clock().steady_ns();
    (void)out_.store(channel, std::move(content), now_ns, now_ns);
    has_more_.set();
}

void control_session::reply(const json::object& content) { send_or_cut(text_frame(json::serialize(content))); }

void control_session::send_or_cut(wire_message content) {
    if (over_) return;
    if (!out_.reply(std::move(content))) {
        host_.log().warn("the page {} is cut: it asks and does not read the answers", address());
        end(ws_status::policy);
        return;
    }
    has_more_.set();
}

void control_session::end(ws_status why) {
    if (!last_word_) last_word_ = std::make_shared<const wire_message>(close_frame(why));
    has_more_.set();
}

void control_session::take_message(ws_opcode opcode, std::span<const std::byte> payload,
                                   const std::function<void(const json::object&)>& hear) {
    const auto now = host_.clock().now();
    if (opcode == ws_opcode::close) return end(ws_status::normal);
    if (opcode == ws_opcode::pong) return;
    if (opcode == ws_opcode::ping) {
        if (pings_.take(now) > duration::zero()) {
            host_.log().warn("the page {} is cut: it pings without a pause", address());
            return end(ws_status::policy);
        }
        return send_or_cut(pong_frame(payload));
    }
    if (messages_.take(now) > duration::zero()) {
        host_.log().warn("the page {} is cut: more than {} messages a second", address(), messages_per_second);
        return end(ws_status::policy);
    }
    if (opcode != ws_opcode::text) return end(ws_status::unsupported_data);
    json::error_code code;
    json::parse_options options;
    options.max_depth = deepest;
    const json::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
    const auto parsed = json::parse(text, code, {}, options);
    if (code || !parsed.is_object()) return reply({{"type", "error"}, {"text", "a message is an object of JSON"}});
    hear(parsed.get_object());
}

/// False where nothing more is to be read.
bool control_session::take(std::span<const std::byte> bytes, const std::function<void(const json::object&)>& hear) {
    const auto broken = frames_.feed(bytes, [&](ws_opcode opcode, std::span<const std::byte> payload) {
        if (!last_word_) take_message(opcode, payload, hear);
    });
    if (broken) {
        host_.log().warn("the page {} is cut: it breaks the rules of WebSocket", address());
        end(*broken);
    }
    return !frames_.over();
}

awaitable<void> control_session::read(std::function<void(const json::object&)> hear) {
    const auto self = shared_from_this();
    std::array<std::byte, 4096> buffer;
    for (;;) {
        const auto count = co_await session_.read_some(buffer, longest_silence);
        if (!count) break;
        // What comes behind the last word is read all the same: closing with bytes unread would take that word back.
        if (!frames_.over()) (void)take(std::span(buffer).first(*count), hear);
    }
    over_ = true;
    has_more_.set();
}

awaitable<void> control_session::write() {
    const auto self = shared_from_this();
    timer next_ping(host_.timers());
    bool ping_due = false;
    const auto rest = [&] {
        next_ping.start_after(ping_every, [&] {
            ping_due = true;
            has_more_.set();
        });
    };
    rest();
    while (!over_) {
        auto content = out_.next(host_.clock().steady_ns()).content;
        if (last_word_) content = last_word_;
        if (!content && std::exchange(ping_due, false)) {
            content = std::make_shared<const wire_message>(ping_frame());
            rest();
        }
        if (!content) {
            co_await has_more_.wait();
            continue;
        }
        std::vector<asio::const_buffer> buffers;
        for (const auto& piece : content->pieces) buffers.push_back(asio::buffer(piece.data(), piece.size()));
        const std::span<const asio::const_buffer> all(buffers);
        const auto written = co_await session_.write(all, host_.viewers().stall_ms);
        if (!written) {
            session_.close();
            break;
        }
        if (content != last_word_) continue;
        session_.finish();
        timer farewell(host_.timers());
        farewell.start_after(farewell_limit, [this] { session_.close(); });
        while (!over_) co_await has_more_.wait();
        break;
    }
    over_ = true;
}

}  // namespace streamhost::web
