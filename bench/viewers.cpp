// Many viewers of one server that speaks `pickle`, for bench/relay: how many distinct pictures each gets, and how old they
// are. The pictures carry the steady clock in a bar (100 us, 32 bits, blocks from left to right, at 7/8 of the height), as
// the tutorials' own tools and `bench.stamped` draw it. Linux only; one thread.
//   bench_viewers PORT VIEWERS SECONDS [WIDTH HEIGHT]
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::size_t prefix_size = 8;
constexpr std::size_t behind_pixels = 14;  // bytes that end the pickle of a large array
constexpr auto warm_up = std::chrono::seconds(2);

std::int64_t now_ns() {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

struct picture_size {
    std::size_t width = 320;
    std::size_t height = 240;
    std::size_t bytes() const { return width * height * 3; }
};

/// What the bar says, in units of 100 us.
std::uint32_t stamp_of(const unsigned char* pixels, picture_size size) {
    const auto* const row = pixels + size.height * 420 / 480 * size.width * 3;
    std::uint32_t stamp = 0;
    for (std::size_t i = 0; i < 32; ++i) stamp = stamp << 1 | (row[size.width * (2 * i + 1) / 64 * 3] > 127 ? 1U : 0U);
    return stamp;
}

struct viewer {
    int socket = -1;
    std::vector<unsigned char> buffer;
    std::size_t have = 0;
    std::uint32_t last_stamp = 0;
    std::uint64_t messages = 0;
    std::uint64_t distinct = 0;
};

struct measurement {
    bool on = false;
    std::vector<double> ages_ms;
    std::uint64_t bytes = 0;
};

void take_picture(viewer& one, std::size_t body, picture_size size, measurement& all) {
    if (body < size.bytes() + behind_pixels) return;  // a None
    const auto stamp = stamp_of(one.buffer.data() + prefix_size + body - behind_pixels - size.bytes(), size);
    const bool fresh = stamp != one.last_stamp;
    one.last_stamp = stamp;
    if (!all.on) return;
    ++one.messages;
    all.bytes += body;
    if (!fresh) return;
    ++one.distinct;
    const auto age = static_cast<std::uint32_t>(now_ns() / 100'000) - stamp;
    all.ages_ms.push_back(static_cast<double>(age) / 10);
}

/// Reads what is there; false where the server is gone.
bool pump(viewer& one, picture_size size, measurement& all) {
    for (int turns = 0; turns < 8; ++turns) {  // then it is another one's turn
        std::size_t wanted = prefix_size;
        std::uint64_t body = 0;
        if (one.have >= prefix_size) {
            std::memcpy(&body, one.buffer.data(), prefix_size);
            wanted += body;
            if (wanted > one.buffer.size()) throw std::runtime_error("a message that is too large");
        }
        const auto count = ::recv(one.socket, one.buffer.data() + one.have, wanted - one.have, MSG_DONTWAIT);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        if (count == 0) return false;
        one.have += static_cast<std::size_t>(count);
        if (one.have < wanted || wanted == prefix_size) continue;
        take_picture(one, body, size, all);
        one.have = 0;
    }
    return true;
}

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("cannot connect: " + std::string(std::strerror(errno)));
    }
    return socket;
}

void measure(std::uint16_t port, std::size_t count, double seconds, picture_size size) {
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<viewer> viewers(count);
    measurement all;
    for (std::size_t i = 0; i < count; ++i) {
        viewers[i].buffer.resize(size.bytes() + 1024);
        viewers[i].socket = connect_to(port);
        epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, viewers[i].socket, &event);
    }
    const auto begin = now_ns() + std::chrono::nanoseconds(warm_up).count();
    const auto end = begin + static_cast<std::int64_t>(seconds * 1e9);
    std::size_t gone = 0;
    for (auto now = now_ns(); now < end && gone < count; now = now_ns()) {
        all.on = now >= begin;
        std::array<epoll_event, 64> events;
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 20);
        for (int i = 0; i < ready; ++i) {
            auto& one = viewers[events[static_cast<std::size_t>(i)].data.u64];
            if (pump(one, size, all)) continue;
            ::epoll_ctl(poll, EPOLL_CTL_DEL, one.socket, nullptr);
            ++gone;
        }
    }
    std::vector<double> rates;
    std::uint64_t messages = 0;
    for (const auto& one : viewers) {
        rates.push_back(static_cast<double>(one.distinct) / seconds);
        messages += one.messages;
    }
    std::ranges::sort(rates);
    std::ranges::sort(all.ages_ms);
    const auto share = [](const std::vector<double>& sorted, double part) {
        return sorted.empty() ? 0.0 : sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(static_cast<double>(sorted.size()) * part))];
    };
    std::printf("fps min %.1f median %.1f max %.1f   messages %.1f/s   %.1f MB/s   age p50 %.1f p99 %.1f ms   gone %zu\n",
                rates.front(), share(rates, 0.5), rates.back(), static_cast<double>(messages) / static_cast<double>(count) / seconds,
                static_cast<double>(all.bytes) / seconds / 1e6, share(all.ages_ms, 0.5), share(all.ages_ms, 0.99), gone);
}

}  // namespace

int main(int count, char** words) {
    if (count != 4 && count != 6) {
        std::fputs("bench_viewers PORT VIEWERS SECONDS [WIDTH HEIGHT]\n", stderr);
        return 2;
    }
    try {
        picture_size size;
        if (count == 6) size = {std::strtoul(words[4], nullptr, 10), std::strtoul(words[5], nullptr, 10)};
        measure(static_cast<std::uint16_t>(std::atoi(words[1])), std::strtoul(words[2], nullptr, 10), std::atof(words[3]), size);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "bench_viewers: %s\n", e.what());
        return 1;
    }
    return 0;
}
