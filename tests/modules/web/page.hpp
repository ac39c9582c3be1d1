#pragma once

#include "websocket.hpp"

#include <streamhost/testing.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhost::web::test {

/// A frame as a client sends it: masked.
inline std::string client_frame(ws_opcode opcode, std::string_view payload, bool final = true) {
    auto head = frame_head(opcode, payload.size());
    std::string bytes(reinterpret_cast<const char*>(head.data()), head.size());
    if (!final) bytes[0] = static_cast<char>(bytes[0] & 0x7F);
    bytes[1] = static_cast<char>(bytes[1] | 0x80);
    const std::string mask = "\x12\x34\x56\x78";
    bytes += mask;
    for (std::size_t i = 0; i < payload.size(); ++i) bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
    return bytes;
}

/// One frame of a server.
struct server_frame {
    ws_opcode opcode;
    std::string payload;
};

/// Takes whole frames out of what has come.
inline std::vector<server_frame> take_frames(std::string& bytes) {
    std::vector<server_frame> all;
    for (;;) {
        if (bytes.size() < 2) break;
        const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
        std::uint64_t length = byte(1) & 0x7F;
        std::size_t head = 2;
        const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
        if (bytes.size() < head + more) break;
        if (more > 0) length = 0;
        for (std::size_t i = 0; i < more; ++i) length = length << 8 | byte(head++);
        if (bytes.size() < head + length) break;
        all.push_back({static_cast<ws_opcode>(byte(0) & 0x0F), bytes.substr(head, length)});
        bytes.erase(0, head + length);
    }
    return all;
}

/// An answer as it came.
struct http_answer {
    int status = 0;  ///< 0: none, or none that is whole
    std::map<std::string, std::string> fields;  ///< in lower case
    std::string body;

    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
};

/// Takes one answer out of what has come. `live`: the rest is its body, however long.
inline http_answer take_answer(std::string& bytes, bool live = false) {
    http_answer said;
    const auto end = bytes.find("\r\n\r\n");
    if (end == bytes.npos || !bytes.starts_with("HTTP/1.")) return said;
    auto at = bytes.find("\r\n");
    const int status = std::stoi(bytes.substr(9, 3));
    while (at < end) {
        const auto line_end = bytes.find("\r\n", at + 2);
        const auto line = bytes.substr(at + 2, line_end - at - 2);
        at = line_end;
        const auto colon = line.find(": ");
        std::string name = line.substr(0, colon);
        for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        said.fields[name] = colon == line.npos ? "" : line.substr(colon + 2);
    }
    std::size_t length = 0;
    if (said.fields.contains("content-length")) length = std::stoul(said.fields["content-length"]);
    if (live) length = bytes.size() - end - 4;
    if (bytes.size() < end + 4 + length) return {};
    said.status = status;
    said.body = bytes.substr(end + 4, length);
    bytes.erase(0, end + 4 + length);
    return said;
}

using header_list = std::vector<std::pair<std::string, std::string>>;

inline std::string request_text(std::string_view method, std::string_view target, const header_list& fields = {},
                                std::string_view body = {}) {
    std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
    bool has_host = false;
    for (const auto& [name, value] : fields) {
        has_host |= name == "Host";
        text += name + ": " + value + "\r\n";
    }
    if (!has_host) text += "Host: 127.0.0.1:8080\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string(body);
}

inline header_list upgrade(const header_list& more = {}) {
    header_list all{{"Connection", "keep-alive, Upgrade"},
                    {"Upgrade", "websocket"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

/// One connection to a console in a harness.
class page {
public:
    explicit page(testing::harness& at, std::string_view address = "127.0.0.1:8080") : at_(at), peer_(at.connect(address)) {}

    void write(std::string_view bytes) { peer_.write(bytes); }
    /// Asks, and lets a moment pass.
    http_answer ask(std::string_view method, std::string_view target, const header_list& fields = {}, std::string_view body = {}) {
        write(request_text(method, target, fields, body));
        return answer();
    }
    http_answer get(std::string_view target, const header_list& fields = {}) { return ask("GET", target, fields); }
    http_answer answer(bool live = false) {
        settle();
        return take_answer(bytes_, live);
    }

    /// Opens a WebSocket; the answer's status.
    int open(std::string_view target, const header_list& more = {}) {
        return get(target, upgrade(more)).status;
    }
    void say(const boost::json::object& message) { write(client_frame(ws_opcode::text, boost::json::serialize(message))); }
    std::vector<server_frame> frames() {
        settle();
        return take_frames(bytes_);
    }
    /// The messages of JSON that have come, of one type or of all.
    std::vector<boost::json::object> heard(std::string_view type = {}) {
        std::vector<boost::json::object> all;
        for (const auto& each : frames()) {
            if (each.opcode != ws_opcode::text) continue;
            auto message = boost::json::parse(each.payload).as_object();
            if (type.empty() || message.at("type").as_string() == boost::json::string_view(type)) all.push_back(std::move(message));
        }
        return all;
    }

    /// All that has come and was not taken.
    std::string& bytes() {
        settle();
        return bytes_;
    }
    bool closed() {
        settle();
        return peer_.closed();
    }
    void leave() { peer_.close(); }

private:
    void settle() {
        at_.run_for(std::chrono::milliseconds(1));
        bytes_ += peer_.read();
    }

    testing::harness& at_;
    testing::peer peer_;
    std::string bytes_;
};

}  // namespace streamhost::web::test
