#include <streamhost/control.hpp>

#include "net/descriptor.hpp"

#include <streamhost/result.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace streamhost {
namespace {

constexpr timeval longest_wait{30, 0};
constexpr std::size_t longest_answer = 64 * 1024 * 1024;

descriptor connect_to(const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto text = socket.string();
    descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!made.valid() || text.size() >= sizeof address.sun_path) return descriptor(-1);
    std::memcpy(address.sun_path, text.data(), text.size());
    if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return descriptor(-1);
    return made;
}

[[noreturn]] void refuse(const std::filesystem::path& socket, std::string_view why) {
    throw configuration_error(fmt::format("the host at {} {}", socket.string(), why));
}

}  // namespace

std::filesystem::path control_folder() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && *runtime != '\0') return std::filesystem::path(runtime) / "streamhost";
    if (::geteuid() == 0) return "/run/streamhost";
    return fmt::format("/tmp/streamhost-{}", ::geteuid());
}

std::vector<std::filesystem::path> find_hosts(std::string_view which) {
    if (which.find('/') != which.npos) return {std::filesystem::path(which)};
    std::vector<std::filesystem::path> found;
    std::error_code code;
    for (const auto& each : std::filesystem::directory_iterator(control_folder(), code)) {
        const auto file = each.path().filename().string();  // NAME.PID.sock
        if (!file.ends_with(".sock")) continue;
        const auto stem = file.substr(0, file.size() - 5);
        const auto dot = stem.rfind('.');
        if (dot == stem.npos) continue;
        if (!which.empty() && stem.substr(0, dot) != which && stem.substr(dot + 1) != which) continue;
        if (connect_to(each.path()).valid()) found.push_back(each.path());
        else if (errno == ECONNREFUSED) std::filesystem::remove(each.path(), code);  // its host was killed
    }
    std::ranges::sort(found);
    return found;
}

boost::json::object ask_host(const std::filesystem::path& socket, const boost::json::object& question) {
    const auto session = connect_to(socket);
    if (!session.valid()) refuse(socket, fmt::format("does not answer: {}", std::strerror(errno)));
    (void)::setsockopt(session.get(), SOL_SOCKET, SO_RCVTIMEO, &longest_wait, sizeof longest_wait);
    const auto line = boost::json::serialize(question) + "\n";
    if (::send(session.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
        refuse(socket, "does not listen");
    }
    std::string answer(64 * 1024, '\0');
    std::size_t filled = 0;
    while (filled == 0 || answer[filled - 1] != '\n') {
        if (filled == answer.size()) answer.resize(2 * answer.size());
        const auto count = ::recv(session.get(), answer.data() + filled, answer.size() - filled, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || filled > longest_answer) refuse(socket, "gave no answer");
        filled += static_cast<std::size_t>(count);
    }
    answer.resize(filled);
    error_code code;
    const auto parsed = boost::json::parse(answer, code);
    if (code || !parsed.is_object()) refuse(socket, "gave no answer that can be read");
    return parsed.as_object();
}

}  // namespace streamhost
