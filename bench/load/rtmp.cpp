#include "rtmp.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace bench::rtmp {
namespace {

constexpr int control_chunks = 2, command_chunks = 3, video_chunks = 6;

void put(std::string& out, std::uint64_t value, int bytes) {
    while (bytes-- > 0) out.push_back(static_cast<char>(value >> (8 * bytes)));
}

// Values of AMF0: what commands consist of.
void put_key(std::string& out, std::string_view text) {
    put(out, text.size(), 2);
    out += text;
}
void put_text(std::string& out, std::string_view text) {
    put(out, 2, 1);
    put_key(out, text);
}
void put_number(std::string& out, double value) {
    put(out, 0, 1);
    put(out, std::bit_cast<std::uint64_t>(value), 8);
}
void put_null(std::string& out) { put(out, 5, 1); }

std::string begin_command(std::string_view name, int transaction) {
    std::string out;
    put_text(out, name);
    put_number(out, transaction);
    return out;
}

std::string open_stream(std::string_view verb, const stream_path& path) {
    auto body = begin_command(verb, 3);
    put_null(body);
    put_text(body, path.stream);
    if (verb == "publish") put_text(body, "live");
    return message(command_chunks, command, 0, 1, body);
}

}  // namespace

stream_path::stream_path(std::string_view text)
    : app(text.substr(0, text.find('/'))), stream(text.substr(std::min(text.size(), app.size() + 1))) {}

std::string message(int chunk_stream, message_type type, std::uint32_t time_ms, std::uint32_t message_stream,
                    std::string_view body, std::size_t chunk_size) {
    std::string out;
    put(out, static_cast<std::uint64_t>(chunk_stream), 1);
    put(out, time_ms, 3);
    put(out, body.size(), 3);
    put(out, type, 1);
    for (int i = 0; i < 4; ++i) put(out, message_stream >> (8 * i) & 0xFF, 1);  // the one little-endian field
    for (std::size_t at = 0; at < body.size(); at += chunk_size) {
        if (at > 0) put(out, 0xC0 | static_cast<unsigned>(chunk_stream), 1);
        out += body.substr(at, chunk_size);
    }
    return out;
}

std::string hello() {
    std::string out(1 + handshake_size, '\0');
    out[0] = 3;
    return out;
}

std::string connect(std::string_view server_handshake, const stream_path& path) {
    std::string out(server_handshake.substr(1, handshake_size));
    std::string size;
    put(size, own_chunk_size, 4);
    out += message(control_chunks, set_chunk_size, 0, 0, size, 128);
    auto body = begin_command("connect", 1);
    put(body, 3, 1);  // an object
    put_key(body, "app");
    put_text(body, path.app);
    put_key(body, "tcUrl");
    put_text(body, "rtmp://127.0.0.1/" + path.app);
    put(body, 9, 3);  // its end
    out += message(command_chunks, command, 0, 0, body);
    body = begin_command("createStream", 2);
    put_null(body);
    return out + message(command_chunks, command, 0, 0, body);
}

std::string play(const stream_path& path) { return open_stream("play", path); }
std::string publish(const stream_path& path) { return open_stream("publish", path); }

std::string video_header() {
    constexpr std::array<unsigned char, 29> avc{0x17, 0,    0,    0,    0,    1, 0x42, 0xC0, 0x1E, 0xFF,
                                                0xE1, 0,    9,    0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80,
                                                0xF6, 0x40, 1,    0,    4,    0x68, 0xCE, 0x3C, 0x80};
    return message(video_chunks, video, 0, 1, std::string(avc.begin(), avc.end()));
}

std::string video_message(std::string_view content, std::uint32_t time_ms) {
    std::string body;
    put(body, 0x17, 1);
    put(body, 0x01000000, 4);
    put(body, content.size() + 1, 4);
    put(body, 0x65, 1);
    body += content;
    return message(video_chunks, video, time_ms, 1, body);
}

std::uint32_t big_endian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

}  // namespace bench::rtmp
