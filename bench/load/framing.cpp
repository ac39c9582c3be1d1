#include "framing.hpp"

#include "rtmp.hpp"

#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <stdexcept>
#include <utility>

#include <strings.h>

namespace bench {
namespace {

constexpr std::size_t largest_message = 64 << 20;

class length_framing : public framing {
public:
    std::string greeting() override { return {}; }

    run read_header(std::string& header) override {
        if (header.size() < streamhost::length_prefix::size) return {};
        const auto prefix = std::as_bytes(std::span(header)).first<streamhost::length_prefix::size>();
        const auto length = streamhost::length_prefix::decode(prefix, largest_message);
        if (!length) throw std::runtime_error("a length that cannot be: the stream is torn");
        header.clear();
        return {*length, *length, true};
    }

    bool end_message(std::string_view) override { return true; }
};

class framed_framing final : public length_framing {
public:
    std::string greeting() override {
        const auto hello = streamhost::framed::encode(streamhost::framed::hello{});
        return {reinterpret_cast<const char*>(hello.data()), hello.size()};
    }

    run read_header(std::string& header) override {
        if (accepted_) return length_framing::read_header(header);
        const auto bytes = std::as_bytes(std::span(header));
        constexpr auto start_size = streamhost::framed::opening_start_size;
        if (bytes.size() < start_size) return {};
        const auto start = streamhost::framed::decode_answer_start(bytes.first<start_size>());
        if (!start) throw std::runtime_error("this is no answer of a `framed` server");
        if (bytes.size() < start->size) return {};
        const auto answer = streamhost::framed::decode_answer(bytes);
        if (!answer || !answer->accepted) throw std::runtime_error("refused: " + (answer ? answer->refusal : ""));
        accepted_ = true;
        header.clear();
        return {};
    }

    bool opening() const override { return !accepted_; }

private:
    bool accepted_ = false;
};

class http_framing final : public framing {
public:
    explicit http_framing(std::string path) : path_(std::move(path)) {}

    std::string greeting() override {
        if (path_.empty()) return {};
        return fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\n\r\n", path_);
    }

    run read_header(std::string& header) override {
        if (header.back() == '\0') header.pop_back();  // some servers end a part with one
        if (header.size() > longest) header.erase(0, longest / 2);  // joined inside of a part: its end will come
        if (!header.ends_with("\r\n\r\n")) return {};
        const auto length = content_length(header);
        header.clear();
        return {length, length, length > 0};
    }

    bool end_message(std::string_view) override { return true; }

private:
    static constexpr std::size_t longest = 16'384;

    /// 0 where there is none: the head of the whole answer.
    static std::size_t content_length(const std::string& header) {
        const char* const found = ::strcasestr(header.c_str(), "content-length:");
        return found != nullptr ? std::strtoull(found + 15, nullptr, 10) : 0;
    }

    std::string path_;
};

class rtmp_framing final : public framing {
public:
    explicit rtmp_framing(const std::string& path) : path_(path) {}

    std::string greeting() override { return rtmp::hello(); }

    run read_header(std::string& header) override {
        if (!greeted_) {
            if (header.size() < rtmp::server_handshake_size) return {};
            reply_ = rtmp::connect(header, path_);
            greeted_ = true;
            header.clear();
            return {};
        }
        return read_chunk_header(header);
    }

    bool end_message(std::string_view head) override {
        switch (current_->type) {
            case rtmp::set_chunk_size: chunk_size_ = rtmp::big_endian(head.substr(0, 4)); return false;
            case rtmp::command:
                if (head.find("_result") != head.npos && ++results_ == 2) reply_ = rtmp::play(path_);
                return false;
            default: return current_->type == rtmp::video;
        }
    }

    std::string take_reply() override { return std::exchange(reply_, {}); }
    bool opening() const override { return results_ < 2; }

private:
    /// A message that comes in on a chunk stream.
    struct incoming {
        std::uint32_t size = 0;
        std::uint32_t left = 0;
        int type = 0;
    };

    run read_chunk_header(std::string& header) {
        constexpr std::array<std::size_t, 4> sizes{11, 7, 3, 0};
        constexpr std::uint32_t more_time = 0xFFFFFF;
        const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(header[i])); };
        const auto format = byte(0) >> 6;
        auto stream = byte(0) & 63;
        const std::size_t basic = stream > 1 ? 1 : stream + 2;
        std::size_t whole = basic + sizes[format];
        if (header.size() < whole) return {};
        if (format < 3 && rtmp::big_endian(std::string_view(header).substr(basic, 3)) == more_time) whole += 4;
        if (header.size() < whole) return {};
        if (stream == 0) stream = 64 + byte(1);
        if (stream == 1) stream = 64 + byte(1) + 256 * byte(2);
        auto& message = streams_[static_cast<int>(stream)];
        if (format < 2) {
            message.size = rtmp::big_endian(std::string_view(header).substr(basic + 3, 3));
            message.type = static_cast<int>(byte(basic + 6));
        }
        header.clear();
        const bool begins = message.left == 0;
        if (begins) message.left = message.size;
        current_ = &message;
        const run next{std::min(message.left, chunk_size_), message.left, begins};
        message.left -= static_cast<std::uint32_t>(next.bytes);
        return next;
    }

    rtmp::stream_path path_;
    std::string reply_;
    std::map<int, incoming> streams_;
    incoming* current_ = nullptr;
    std::uint32_t chunk_size_ = 128;
    int results_ = 0;
    bool greeted_ = false;
};

}  // namespace

std::unique_ptr<framing> make_framing(wire kind, const std::string& path) {
    switch (kind) {
        case wire::framed: return std::make_unique<framed_framing>();
        case wire::http: return std::make_unique<http_framing>(path);
        case wire::rtmp: return std::make_unique<rtmp_framing>(path);
        case wire::length: break;
    }
    return std::make_unique<length_framing>();
}

}  // namespace bench
