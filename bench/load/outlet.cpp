#include "outlet.hpp"

#include "rtmp.hpp"
#include "socket.hpp"

#include <streamhost/wire/base64.hpp>
#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <fmt/format.h>

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace bench {
namespace {

std::string_view text_of(const streamhost::shared_bytes& bytes) { return bytes.as_text(); }

std::string_view text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string part_head(std::size_t size) {
    return fmt::format("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n", size);
}

/// Reads until `bytes` are there, or what one call gives where `whole` is not asked for.
std::string receive(const descriptor& socket, std::size_t bytes, bool whole) {
    std::string out(bytes, '\0');
    const auto count = ::recv(socket.get(), out.data(), out.size(), whole ? MSG_WAITALL : 0);
    out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return out;
}

streamhost::video_frame as_picture(const stamped_content& frame, picture_size size) {
    return {static_cast<int>(size.width), static_cast<int>(size.height), streamhost::pixel_format::bgr8,
            streamhost::shared_bytes::adopt(frame.bytes())};
}

class serving_outlet : public outlet {
public:
    explicit serving_outlet(const outlet_options& chosen) : options_(chosen), listener_(listen_at(chosen.port)) {
        fmt::print("port {}\n", local_port(listener_));
        std::fflush(stdout);
    }

    void open() override {
        while (!server_) {
            server_ = accept_from(listener_);
            if (!greet(server_)) server_ = descriptor();
        }
    }

    bool send(const stamped_content& frame, const stamp& made) override {
        if (send_all(server_, to_wire(frame, made))) return true;
        server_ = descriptor();
        return false;
    }

protected:
    virtual bool greet(const descriptor&) { return true; }
    virtual std::string to_wire(const stamped_content& frame, const stamp&) {
        const auto prefix = streamhost::length_prefix::encode(frame.bytes().size());
        return std::string(text_of(prefix)) + frame.bytes();
    }
    const outlet_options& options() const noexcept { return options_; }

private:
    outlet_options options_;
    descriptor listener_;
    descriptor server_;
};

class pickle_outlet final : public serving_outlet {
public:
    using serving_outlet::serving_outlet;

private:
    std::string to_wire(const stamped_content& frame, const stamp&) override {
        using namespace streamhost;
        const auto pieces = options().raw ? pickle::write_array(as_picture(frame, options().size))
                                          : pickle::write_bytes(shared_bytes::adopt(frame.bytes()));
        std::string out(text_of(length_prefix::encode(pieces.size())));
        for (const auto* piece : {&pieces.prefix, &pieces.body, &pieces.suffix}) out += text_of(*piece);
        return out;
    }
};

class framed_outlet final : public serving_outlet {
public:
    using serving_outlet::serving_outlet;

private:
    bool greet(const descriptor& viewer) override {
        using namespace streamhost;
        const auto start = receive(viewer, framed::opening_start_size, true);
        if (start.size() < framed::opening_start_size) return false;
        const auto hello = framed::decode_hello_start(std::as_bytes(std::span(start)).first<framed::opening_start_size>());
        if (!hello) return false;
        receive(viewer, hello->size - start.size(), true);
        framed::answer answer;
        answer.accepted = true;
        answer.type = options().raw ? framed::message_type::video_frame : framed::message_type::encoded_image;
        return send_all(viewer, text_of(framed::encode(answer)));
    }

    std::string to_wire(const stamped_content& frame, const stamp& made) override {
        using namespace streamhost;
        framed::header head;
        head.epoch = 1;
        head.sequence = made.number;
        head.steady_ns = made.made_ns;
        framed::payload content = as_picture(frame, options().size);
        if (!options().raw) {
            content = encoded_image{static_cast<int>(options().size.width), static_cast<int>(options().size.height),
                                    image_codec::jpeg, shared_bytes::adopt(frame.bytes())};
        }
        const auto pieces = framed::encode(head, content);
        return std::string(text_of(pieces.prefix)) + std::string(text_of(pieces.body));
    }
};

/// The parts of an answer of HTTP, without the answer: what GStreamer's `multipartdemux` reads.
class parts_outlet final : public serving_outlet {
public:
    using serving_outlet::serving_outlet;

private:
    std::string to_wire(const stamped_content& frame, const stamp&) override {
        return part_head(frame.bytes().size()) + frame.bytes() + "\r\n";
    }
};

class publishing_outlet : public outlet {
public:
    explicit publishing_outlet(const outlet_options& chosen) : options_(chosen) {}

    void open() override {
        if (std::exchange(opened_, true)) throw std::runtime_error("the server has gone");
        server_ = connect_to(options_.port);
        announce(server_);
    }

    bool send(const stamped_content& frame, const stamp& made) override {
        std::array<char, 4096> ignored;
        while (::recv(server_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) > 0) {}
        return send_all(server_, to_wire(frame, made));
    }

protected:
    virtual void announce(const descriptor& server) = 0;
    virtual std::string to_wire(const stamped_content& frame, const stamp& made) = 0;
    const outlet_options& options() const noexcept { return options_; }

private:
    outlet_options options_;
    descriptor server_;
    bool opened_ = false;
};

class icecast_outlet final : public publishing_outlet {
public:
    using publishing_outlet::publishing_outlet;

private:
    void announce(const descriptor& server) override {
        const auto who = "source:" + options().password;
        send_all(server, fmt::format("SOURCE {} HTTP/1.0\r\nAuthorization: Basic {}\r\n"
                                     "Content-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n",
                                     options().path, text_of(streamhost::base64::encode(std::as_bytes(std::span(who))))));
        const auto answer = receive(server, 1024, false);
        if (answer.find(" 200 ") == answer.npos) throw std::runtime_error("icecast says: " + answer.substr(0, 60));
    }

    std::string to_wire(const stamped_content& frame, const stamp&) override {
        return part_head(frame.bytes().size()) + frame.bytes() + "\r\n";
    }
};

class rtmp_outlet final : public publishing_outlet {
public:
    using publishing_outlet::publishing_outlet;

private:
    void announce(const descriptor& server) override {
        const rtmp::stream_path path(options().path);
        send_all(server, rtmp::hello());
        send_all(server, rtmp::connect(receive(server, rtmp::server_handshake_size, true), path));
        wait_for(server, "_result", 2);
        send_all(server, rtmp::publish(path));
        wait_for(server, "onStatus", 1);
        send_all(server, rtmp::video_header());
    }

    static void wait_for(const descriptor& server, std::string_view word, int times) {
        std::string said;
        for (int found = 0; found < times;) {
            const auto more = receive(server, 4096, false);
            if (more.empty()) throw std::runtime_error("the RTMP server has hung up");
            said += more;
            found = 0;
            for (auto at = said.find(word); at != said.npos; at = said.find(word, at + 1)) ++found;
        }
    }

    std::string to_wire(const stamped_content& frame, const stamp& made) override {
        if (first_ns_ == 0) first_ns_ = made.made_ns;
        return rtmp::video_message(frame.bytes(), static_cast<std::uint32_t>((made.made_ns - first_ns_) / 1'000'000));
    }

    std::int64_t first_ns_ = 0;
};

}  // namespace

std::unique_ptr<outlet> make_outlet(const outlet_options& chosen) {
    if (chosen.kind == "pickle") return std::make_unique<pickle_outlet>(chosen);
    if (chosen.kind == "framed") return std::make_unique<framed_outlet>(chosen);
    if (chosen.kind == "parts") return std::make_unique<parts_outlet>(chosen);
    if (chosen.kind == "icecast") return std::make_unique<icecast_outlet>(chosen);
    if (chosen.kind == "rtmp") return std::make_unique<rtmp_outlet>(chosen);
    return std::make_unique<serving_outlet>(chosen);
}

}  // namespace bench
