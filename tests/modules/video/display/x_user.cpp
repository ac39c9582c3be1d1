#include "x_user.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace streamhost::video::test {
namespace {

using byte_list = std::vector<std::uint8_t>;

void put(byte_list& to, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint32_t get(const byte_list& from, std::size_t at, int bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) value |= std::uint32_t{from.at(at + static_cast<std::size_t>(i))} << (8 * i);
    return value;
}

/// A request: operation, a byte of its own, the length in units of 4 bytes, then the fields.
byte_list request(std::uint8_t operation, std::uint8_t detail, byte_list fields) {
    fields.resize((fields.size() + 3) / 4 * 4);
    byte_list made{operation, detail};
    put(made, static_cast<std::uint32_t>(1 + fields.size() / 4), 2);
    made.insert(made.end(), fields.begin(), fields.end());
    return made;
}

byte_list fields(std::initializer_list<std::uint32_t> words) {
    byte_list made;
    for (const auto word : words) put(made, word, 4);
    return made;
}

constexpr std::size_t reply_bytes = 32;

}  // namespace

x_user::x_user(const std::string& display) {
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = fmt::format("/tmp/.X11-unix/X{}", display.substr(1));
    std::memcpy(address.sun_path, path.data(), path.size());
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("no X server at " + path);
    }
    set_up();
}

x_user::~x_user() { ::close(socket_); }

void x_user::set_up() {
    byte_list hello{'l', 0};  // little endian
    for (const auto field : {11, 0, 0, 0, 0}) put(hello, static_cast<std::uint32_t>(field), 2);
    send(hello);
    const auto head = receive(8);
    const auto rest = receive(get(head, 6, 2) * 4);
    if (head[0] != 1) throw std::runtime_error("the X server refuses");
    const auto vendor = (get(rest, 16, 2) + 3) / 4 * 4;
    const auto formats = std::uint32_t{rest[21]} * 8;
    root_ = get(rest, 32 + vendor + formats, 4);
}

void x_user::send(const byte_list& bytes) {
    if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
        throw std::runtime_error("the X server is gone");
    }
}

x_user::byte_list x_user::receive(std::size_t count) {
    byte_list bytes(count);
    for (std::size_t done = 0; done < count;) {
        const auto got = ::recv(socket_, bytes.data() + done, count - done, 0);
        if (got <= 0) throw std::runtime_error("the X server is gone, or silent");
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

x_user::byte_list x_user::ask(const byte_list& question) {
    send(question);
    for (;;) {
        auto reply = receive(reply_bytes);
        if (reply[0] == 0) throw std::runtime_error(fmt::format("X error {} for request {}", reply[1], question[0]));
        if (reply[0] != 1) continue;  // an event: nobody asked
        const auto more = receive(get(reply, 4, 4) * 4);
        reply.insert(reply.end(), more.begin(), more.end());
        return reply;
    }
}

std::vector<x_user::window> x_user::windows() {
    const auto tree = ask(request(15, 0, fields({root_})));
    std::vector<window> found;
    for (std::size_t i = 0; i < get(tree, 16, 2); ++i) {
        const auto id = get(tree, reply_bytes + i * 4, 4);
        try {
            const auto attributes = ask(request(3, 0, fields({id})));
            const auto geometry = ask(request(14, 0, fields({id})));
            const int width = static_cast<int>(get(geometry, 16, 2));
            const int height = static_cast<int>(get(geometry, 18, 2));
            const bool on_screen = attributes[26] == 2;
            if (on_screen && width > 1 && height > 1) found.push_back({id, width, height});
        } catch (const std::runtime_error&) {
            continue;  // it has just gone
        }
    }
    return found;
}

video_frame x_user::picture(const window& which) {
    auto about = fields({which.id, 0});
    put(about, static_cast<std::uint32_t>(which.width), 2);
    put(about, static_cast<std::uint32_t>(which.height), 2);
    put(about, 0xffffffff, 4);
    const auto reply = ask(request(73, 2, about));
    const auto count = static_cast<std::size_t>(which.width) * static_cast<std::size_t>(which.height);
    std::vector<std::byte> pixels;
    for (std::size_t i = 0; i < count * 4; ++i) {
        if (i % 4 != 3) pixels.push_back(static_cast<std::byte>(reply.at(reply_bytes + i)));
    }
    return {which.width, which.height, pixel_format::bgr8, shared_bytes::adopt(std::move(pixels))};
}

std::uint32_t x_user::atom(const std::string& name) {
    byte_list about;
    put(about, static_cast<std::uint32_t>(name.size()), 4);
    about.insert(about.end(), name.begin(), name.end());
    return get(ask(request(16, 0, about)), 8, 4);
}

void x_user::send_event(const window& which, const byte_list& event) {
    auto about = fields({which.id, 0});
    about.insert(about.end(), event.begin(), event.end());
    send(request(25, 0, about));
    ask(request(43, 0, {}));  // whatever has an answer: then the event has been delivered
}

void x_user::close(const window& which) {
    byte_list event{33, 32, 0, 0};  // a message of 32 bit values
    for (const auto word : {which.id, atom("WM_PROTOCOLS"), atom("WM_DELETE_WINDOW"), 0U, 0U, 0U, 0U}) put(event, word, 4);
    send_event(which, event);
}

std::uint8_t x_user::key_code(char key) {
    constexpr std::uint8_t first = 8;
    constexpr std::uint8_t count = 248;
    const auto mapping = ask(request(101, 0, {first, count}));
    const std::size_t per_code = mapping[1];
    for (std::size_t code = 0; code < count; ++code) {
        if (get(mapping, reply_bytes + code * per_code * 4, 4) == static_cast<std::uint32_t>(key)) {
            return static_cast<std::uint8_t>(first + code);
        }
    }
    throw std::runtime_error("no such key");
}

void x_user::press(const window& which, char key) {
    send(request(42, 1, fields({which.id, 0})));  // the keyboard's focus
    for (const std::uint8_t kind : {2, 3}) {      // down, up
        byte_list event{kind, key_code(key), 0, 0};
        for (const auto word : {0U, root_, which.id, 0U, 0U, 0U}) put(event, word, 4);
        put(event, 0, 2);
        put(event, 1, 2);  // on the same screen
        send_event(which, event);
    }
}

}  // namespace streamhost::video::test
