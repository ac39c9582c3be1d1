// bench_floor: see its help.
#include "socket.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr const char* summary =
    "The least work that a server in user space can do to hand frames to many viewers: one thread, one epoll, one frame in\n"
    "wire form that all viewers share, one call per viewer and frame; who is still sending skips to the newest frame.\n"
    "Frames come from bench_source --wire length, and go out as they came, a length before each.\n";

struct options {
    std::uint16_t port = 0;
    std::uint16_t upstream = 0;
    bool sendfile = false;
    int send_buffer = 0;
};

/// In wire form; with its memfd never rewritten, since its pages may be on their way.
struct shared_frame {
    std::string bytes;
    bench::descriptor file;
};

class relay {
public:
    explicit relay(const options& chosen)
        : options_(chosen),
          poll_(bench::check(::epoll_create1(EPOLL_CLOEXEC), "epoll")),
          listener_(bench::listen_at(chosen.port)),
          upstream_(bench::connect_to(chosen.upstream)) {
        watch(listener_, EPOLLIN, listener_tag);
        watch(upstream_, EPOLLIN, upstream_tag);
        fmt::print("port {}\n", bench::local_port(listener_));
        std::fflush(stdout);
    }

    /// Until the source ends.
    void run() {
        std::array<epoll_event, 512> events;
        for (;;) {
            const int count = ::epoll_wait(poll_.get(), events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const auto& event = events[static_cast<std::size_t>(i)];
                if (event.data.u64 == listener_tag) {
                    accept_viewers();
                } else if (event.data.u64 == upstream_tag) {
                    if (!receive()) return;
                } else {
                    attend(event.data.u64 - first_viewer_tag, event.events);
                }
            }
        }
    }

private:
    static constexpr std::uint64_t listener_tag = 0, upstream_tag = 1, first_viewer_tag = 2;

    struct viewer {
        bench::descriptor socket;
        bool writable = false;
        std::shared_ptr<const shared_frame> sending;
        std::size_t sent = 0;
        std::uint64_t last = 0;
    };

    void watch(const bench::descriptor& which, std::uint32_t what, std::uint64_t tag) {
        epoll_event event{.events = what, .data = {.u64 = tag}};
        ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, which.get(), &event);
    }

    void accept_viewers() {
        for (;;) {
            bench::descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
            if (!socket) return;
            bench::set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
            if (options_.send_buffer > 0) bench::set_option(socket, SOL_SOCKET, SO_SNDBUF, options_.send_buffer);
            auto place = viewers_.size();
            if (free_.empty()) {
                viewers_.emplace_back();
            } else {
                place = free_.back();
                free_.pop_back();
            }
            watch(socket, EPOLLOUT | EPOLLIN | EPOLLRDHUP | EPOLLET, place + first_viewer_tag);
            viewers_[place].emplace(viewer{.socket = std::move(socket)});
        }
    }

    void attend(std::size_t place, std::uint32_t events) {
        auto& who = viewers_[place];
        if (!who) return;
        std::array<char, 4096> ignored;
        if (events & EPOLLIN) {
            while (::recv(who->socket.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) > 0) {}
        }
        if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR)) return drop(place);
        if (events & EPOLLOUT) {
            who->writable = true;
            if (!push(*who)) drop(place);
        }
    }

    void drop(std::size_t place) {
        viewers_[place].reset();
        free_.push_back(place);
    }

    /// False where the source has ended.
    bool receive() {
        std::array<char, 1 << 17> part;
        ssize_t count = 0;
        while ((count = ::recv(upstream_.get(), part.data(), part.size(), MSG_DONTWAIT)) > 0) {
            received_.append(part.data(), static_cast<std::size_t>(count));
        }
        if (count == 0) return false;
        bool fresh = false;
        std::uint64_t length = 0;
        while (received_.size() >= sizeof length) {
            std::memcpy(&length, received_.data(), sizeof length);
            const auto whole = sizeof length + length;
            if (received_.size() < whole) break;
            publish(received_.substr(0, whole));
            received_.erase(0, whole);
            fresh = true;
        }
        if (!fresh) return true;
        for (std::size_t i = 0; i < viewers_.size(); ++i) {
            if (viewers_[i] && viewers_[i]->writable && !push(*viewers_[i])) drop(i);
        }
        return true;
    }

    void publish(std::string bytes) {
        auto frame = std::make_shared<shared_frame>();
        frame->bytes = std::move(bytes);
        if (options_.sendfile) {
            frame->file = bench::check(::memfd_create("frame", MFD_CLOEXEC), "memfd");
            const auto written = ::write(frame->file.get(), frame->bytes.data(), frame->bytes.size());
            if (written != static_cast<ssize_t>(frame->bytes.size())) throw std::runtime_error("memfd: no room");
        }
        newest_ = std::move(frame);
        ++number_;
    }

    /// Sends until there is nothing to send or no room; false where the viewer has gone.
    bool push(viewer& to) {
        for (;;) {
            if (!to.sending) {
                if (to.last == number_) return true;
                to.sending = newest_;
                to.last = number_;
                to.sent = 0;
            }
            const auto left = to.sending->bytes.size() - to.sent;
            const auto count = send_some(to, left);
            if (count < 0 && errno != EAGAIN) return false;
            if (count < 0) {
                to.writable = false;
                return true;
            }
            to.sent += static_cast<std::size_t>(count);
            if (static_cast<std::size_t>(count) == left) to.sending.reset();
        }
    }

    ssize_t send_some(const viewer& to, std::size_t left) const {
        if (options_.sendfile) {
            auto from = static_cast<off_t>(to.sent);
            return ::sendfile(to.socket.get(), to.sending->file.get(), &from, left);
        }
        iovec piece{const_cast<char*>(to.sending->bytes.data()) + to.sent, left};
        msghdr message{};
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        return ::sendmsg(to.socket.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }

    options options_;
    bench::descriptor poll_;
    bench::descriptor listener_;
    bench::descriptor upstream_;
    std::string received_;
    std::shared_ptr<const shared_frame> newest_;
    std::uint64_t number_ = 0;
    std::vector<std::optional<viewer>> viewers_;
    std::vector<std::size_t> free_;
};

}  // namespace

int main(int count, char** words) {
    options chosen;
    CLI::App app(summary, "bench_floor");
    app.add_option("--port", chosen.port, "To serve at; 0: any, it says which")->capture_default_str();
    app.add_option("--upstream", chosen.upstream, "Port of the source")->required();
    app.add_flag("--sendfile", chosen.sendfile, "From a memfd of each frame, instead of sendmsg from memory");
    app.add_option("--send-buffer", chosen.send_buffer, "SO_SNDBUF of each viewer, in bytes; 0: the kernel's own choice")
        ->capture_default_str();
    CLI11_PARSE(app, count, words);
    try {
        std::signal(SIGPIPE, SIG_IGN);  // sendfile has no MSG_NOSIGNAL
        bench::raise_descriptor_limit();
        relay(chosen).run();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench_floor: %s\n", e.what());
        return 1;
    }
    return 0;
}
