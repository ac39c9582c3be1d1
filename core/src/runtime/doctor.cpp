#include "runtime/doctor.hpp"

#include "net/machine_net.hpp"
#include "net/descriptor.hpp"
#include "topology/address_text.hpp"

#include <streamhost/control.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

namespace streamhost {
namespace {

namespace fs = std::filesystem;

constexpr rlim_t usual_descriptors = 4096;       // a few thousand viewers
constexpr long usual_socket_buffer = 212'992;    // what Linux comes with
constexpr int ethernet_mtu = 1500;
constexpr int smallest_mtu = 1280;               // RTP packets of ours are at most 1200 bytes

/// The files of a folder whose names begin so, sorted.
std::vector<fs::path> files_like(const fs::path& folder, std::string_view beginning) {
    std::vector<fs::path> found;
    std::error_code code;
    for (const auto& each : fs::directory_iterator(folder, code)) {
        if (each.path().filename().string().starts_with(beginning)) found.push_back(each.path());
    }
    std::ranges::sort(found);
    return found;
}

std::string join_of_group(std::string_view group) {
    return fmt::format("sudo usermod -aG {} $USER, and log in again", group);
}

long number_in(const char* file) {
    long number = 0;
    std::ifstream(file) >> number;
    return number;
}

/// Of the interfaces that are up and lead somewhere.
std::map<std::string, int> mtu_by_interface() {
    std::map<std::string, int> all;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return all;
    const descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    for (auto* next = first; next != nullptr; next = next->ifa_next) {
        if ((next->ifa_flags & IFF_UP) == 0 || (next->ifa_flags & IFF_LOOPBACK) != 0) continue;
        ifreq request{};
        std::strncpy(request.ifr_name, next->ifa_name, sizeof request.ifr_name - 1);
        if (::ioctl(socket.get(), SIOCGIFMTU, &request) == 0) all[next->ifa_name] = request.ifr_mtu;
    }
    ::freeifaddrs(first);
    return all;
}

}  // namespace

void doctor::say(verdict how, std::string_view about, std::string text) {
    static constexpr std::string_view words[] = {"ok  ", "note", "mend"};
    good_ &= how != verdict::mend;
    text_ += fmt::format("{}  {:<9} {}\n", words[static_cast<std::size_t>(how)], about, text);
}

check_report doctor::report() const { return {good_, text_}; }

void doctor::look_at_modules(std::size_t types, const std::vector<std::string>& problems) {
    if (types == 0) {
        say(verdict::mend, "modules", "none found; say where they are: --modules DIR");
    } else {
        say(verdict::ok, "modules", fmt::format("{} types (streamhost describe)", types));
    }
    for (const auto& each : problems) say(verdict::mend, "modules", each);
}

void doctor::look_at_machine() {
    look_at_cameras();
    look_at_sound();
    look_at_display();
    look_at_network();
    look_at_clock();
    look_at_limits();
}

void doctor::look_at_cameras() {
    const auto cameras = files_like("/dev", "video");
    if (cameras.empty()) say(verdict::note, "camera", "none; the source \"auto\" shows a test pattern");
    for (const auto& each : cameras) {
        if (::access(each.c_str(), R_OK | W_OK) == 0) {
            say(verdict::ok, "camera", each.string());
        } else {
            say(verdict::mend, "camera", fmt::format("{} may not be opened: {}", each.string(), join_of_group("video")));
        }
    }
}

void doctor::look_at_sound() {
    const auto devices = files_like("/dev/snd", "pcm");
    if (devices.empty()) {
        say(verdict::note, "sound", "no sound card; a microphone gives a tone, and a speaker keeps time in silence");
    } else if (::access(devices.front().c_str(), R_OK | W_OK) != 0) {
        say(verdict::mend, "sound", fmt::format("{} may not be opened: {}", devices.front().string(), join_of_group("audio")));
    } else {
        say(verdict::ok, "sound", fmt::format("{} devices", devices.size()));
    }
}

void doctor::look_at_display() {
    const bool there = std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
    if (there) say(verdict::ok, "display", "there is one");
    else say(verdict::note, "display", "none (DISPLAY is not set): video.display counts pictures and writes one to a file");
}

void doctor::look_at_network() {
    const auto interfaces = mtu_by_interface();
    if (interfaces.empty()) say(verdict::note, "network", "no interface but loopback is up");
    for (const auto& [name, mtu] : interfaces) {
        if (mtu < smallest_mtu) {
            say(verdict::mend, "network", fmt::format("{}: packets of at most {} bytes; RTP needs {}: ip link set {} mtu {}", name,
                                                      mtu, smallest_mtu, name, ethernet_mtu));
        } else {
            say(verdict::ok, "network", fmt::format("{}: packets of up to {} bytes", name, mtu));
        }
    }
    const auto buffer = number_in("/proc/sys/net/core/rmem_max");
    if (buffer > 0 && buffer < usual_socket_buffer) {
        say(verdict::note, "network", fmt::format("receive buffers of at most {} bytes lose bursts of datagrams: "
                                                  "sysctl net.core.rmem_max={}", buffer, usual_socket_buffer));
    }
}

void doctor::look_at_clock() {
    timex now{};
    const bool synchronised = ::adjtimex(&now) >= 0 && (now.status & STA_UNSYNC) == 0;
    if (synchronised) say(verdict::ok, "clock", "synchronised");
    else say(verdict::note, "clock", "not synchronised: times of day may be wrong; ages are measured without it");
}

void doctor::look_at_limits() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    if (files.rlim_max < usual_descriptors) {
        say(verdict::note, "limits", fmt::format("{} open files: as many connections at most; ulimit -Hn, or LimitNOFILE= of the service",
                                                 files.rlim_max));
    } else {
        say(verdict::ok, "limits", fmt::format("{} open files", files.rlim_max));
    }
}

void doctor::look_at_topology(const std::string& file, const std::optional<plan>& plan, const std::string& problems) {
    if (!plan) return say(verdict::mend, "topology", fmt::format("{} has errors:\n{}", file, problems));
    say(verdict::ok, "topology", fmt::format("{}: {} instances", file, plan->instances.size()));
    for (const auto& instance : plan->instances) {
        for (const auto& setting : instance.info->settings) {
            const auto* const value = instance.settings.if_contains(setting.name);
            if (setting.address != address_role::listen || value == nullptr || !value->is_string()) continue;
            if (!value->get_string().empty()) try_address(instance, std::string(value->get_string()));
        }
    }
}

void doctor::try_address(const plan_instance& instance, const std::string& address) {
    const auto name = net_address::parse(address);
    if (!name) return;
    machine_net net;
    const auto numbers = net.resolve(*name);
    if (!numbers || numbers->empty()) return say(verdict::mend, instance.name, fmt::format("{} has no number", address));
    // Which of the two it will be the description does not say; either one tells of somebody else.
    const auto tcp = net.bind(numbers->front());
    const auto udp = net.bind_datagrams(numbers->front());
    if (tcp && udp) return say(verdict::ok, instance.name, fmt::format("{} is free", address));
    const auto cause = tcp ? udp.error() : tcp.error();
    const auto running = find_hosts("");
    const auto hint = cause.value() == EADDRINUSE && !running.empty() ? " (a streamhost runs here: streamhost status)" : "";
    say(verdict::mend, instance.name, fmt::format("{}: {}{}", address, cause.message(), hint));
}

}  // namespace streamhost
