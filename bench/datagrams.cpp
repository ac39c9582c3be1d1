// For bench/datagrams: viewers of a `video.udp_server` on the wire `rtp`, each a socket of its own that asks, counts and
// throws away; and the floor, a server that packs nothing and knows no viewers: it gives packets of the same size and number
// to the kernel, by plain `sendto` or by UDP_SEGMENT, to whoever has ever said something. Linux only.
//   bench_datagrams view PORT VIEWERS SECONDS   packets and lost ones, after a warm-up of 1 s
//   bench_datagrams floor PORT BURST            until it is killed; BURST 1: sendto
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using std::chrono::steady_clock;

constexpr std::size_t packet_bytes = 1200;
constexpr auto view_period = std::chrono::milliseconds(500);
constexpr auto warm_up = std::chrono::seconds(1);

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int open_socket(int port_to_bind, const sockaddr_in* peer) {
    const int made = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    const int room = 4 << 20;
    ::setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    ::setsockopt(made, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    const auto own = loopback(port_to_bind);
    if (made < 0 || ::bind(made, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) throw std::runtime_error("bind");
    if (peer != nullptr && ::connect(made, reinterpret_cast<const sockaddr*>(peer), sizeof *peer) != 0)
        throw std::runtime_error("connect");
    return made;
}

/// One viewer: docs/wire.md, "The `rtp` wire".
struct viewer {
    int socket = -1;
    std::array<unsigned char, 64> request{};
    bool begun = false;
    std::uint16_t newest = 0;
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;

    void ask() const { (void)!::send(socket, request.data(), request.size(), 0); }
    void take(const unsigned char* datagram, ssize_t size, bool counts) {
        if (size == 64 && std::memcmp(datagram, "streamhost-rtp/1", 16) == 0) {
            std::memcpy(&request[32], datagram + 32, 32);
            ask();
            return;
        }
        const auto number = static_cast<std::uint16_t>(datagram[2] << 8 | datagram[3]);
        const auto step = static_cast<std::uint16_t>(number - newest);
        if (begun && counts && step > 1 && step < 30'000) lost += step - 1U;
        begun = true;
        newest = number;
        if (counts) ++packets;
    }
};

int view(int port, int count, int seconds) {
    const auto server = loopback(port);
    const int all = ::epoll_create1(0);
    std::vector<viewer> viewers(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < viewers.size(); ++i) {
        auto& each = viewers[i];
        each.socket = open_socket(0, &server);
        std::memcpy(each.request.data(), "streamhost-rtp/1\1", 17);
        epoll_event wanted{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(all, EPOLL_CTL_ADD, each.socket, &wanted);
    }
    const auto begin = steady_clock::now();
    auto ask_at = begin;
    std::array<epoll_event, 256> ready;
    constexpr std::size_t at_once = 32;
    std::array<std::array<unsigned char, 64>, at_once> heads;
    std::array<iovec, at_once> places;
    std::array<mmsghdr, at_once> messages{};
    for (std::size_t i = 0; i < at_once; ++i) {
        places[i] = {heads[i].data(), heads[i].size()};
        messages[i].msg_hdr.msg_iov = &places[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (auto now = begin; now < begin + warm_up + std::chrono::seconds(seconds); now = steady_clock::now()) {
        if (now >= ask_at) {
            for (const auto& each : viewers) each.ask();
            ask_at += view_period;
        }
        const bool counts = now >= begin + warm_up;
        const int some = ::epoll_wait(all, ready.data(), ready.size(), 100);
        for (int i = 0; i < some; ++i) {
            auto& one = viewers[ready[static_cast<std::size_t>(i)].data.u64];
            const int came = ::recvmmsg(one.socket, messages.data(), at_once, MSG_DONTWAIT | MSG_TRUNC, nullptr);
            for (int k = 0; k < came; ++k) {
                const auto place = static_cast<std::size_t>(k);
                one.take(heads[place].data(), messages[place].msg_len, counts);
            }
        }
    }
    std::uint64_t packets = 0, lost = 0;
    for (const auto& each : viewers) packets += each.packets, lost += each.lost;
    std::printf("%llu %llu\n", static_cast<unsigned long long>(packets), static_cast<unsigned long long>(lost));
    return 0;
}

/// Whoever has said something at the socket.
void take_viewers(int socket, std::vector<sockaddr_in>& viewers) {
    std::array<unsigned char, 2048> room;
    for (;;) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        const auto came = ::recvfrom(socket, room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
        if (came < 0) break;
        const auto same = [&](const sockaddr_in& each) { return each.sin_port == peer.sin_port; };
        if (std::ranges::none_of(viewers, same)) viewers.push_back(peer);
    }
}

/// 30 pictures a second of 28 packets each, numbered for each viewer.
int floor_of(int port, int burst) {
    constexpr std::size_t packets = 28;
    constexpr auto period = std::chrono::nanoseconds(std::chrono::seconds(1)) / 30;
    const int socket = open_socket(port, nullptr);
    const auto at_once = static_cast<std::size_t>(burst);
    if (burst > 1) {
        const int size = packet_bytes;
        if (::setsockopt(socket, SOL_UDP, UDP_SEGMENT, &size, sizeof size) != 0) throw std::runtime_error("UDP_SEGMENT");
    }
    std::vector<sockaddr_in> viewers;
    std::vector<unsigned char> content(packet_bytes * packets, 'x');
    auto next = steady_clock::now();
    for (std::uint16_t number = 0;; number = static_cast<std::uint16_t>(number + packets)) {
        take_viewers(socket, viewers);
        for (std::size_t i = 0; i < packets; ++i) {
            content[i * packet_bytes + 2] = static_cast<unsigned char>((number + i) >> 8);
            content[i * packet_bytes + 3] = static_cast<unsigned char>(number + i);
        }
        for (const auto& peer : viewers) {
            for (std::size_t done = 0; done < packets; done += at_once) {
                const auto size = std::min(packets - done, at_once) * packet_bytes;
                (void)!::sendto(socket, content.data() + done * packet_bytes, size, 0,
                                reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
            }
        }
        next += period;
        std::this_thread::sleep_until(next);
    }
}

}  // namespace

int main(int count, char** arguments) {
    const auto number = [&](int i) { return i < count ? std::atoi(arguments[i]) : 0; };
    const std::string what = count > 1 ? arguments[1] : "";
    if (what == "view" && count == 5) return view(number(2), number(3), number(4));
    if (what == "floor" && count == 4) return floor_of(number(2), std::max(1, number(3)));
    std::fprintf(stderr, "bench_datagrams view PORT VIEWERS SECONDS | floor PORT BURST\n");
    return 2;
}
