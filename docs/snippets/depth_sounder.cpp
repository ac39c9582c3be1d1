// A module with a socket: docs/writing-a-module.md.
#include <streamhost/module.hpp>

#include <string>

namespace sh = streamhost;
using namespace std::chrono_literals;

struct depth_settings {
    std::string connect = "127.0.0.1:7000";
};

/// Reads a line of text per measurement from a depth sounder on the network: "12.5\n".
class depth_sounder final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<depth_sounder, depth_settings>("boat.depth", "Depth from a sounder on the network")
            .setting("connect", &depth_settings::connect, "its address").address(sh::address_role::peer)
            .output<sh::record>("records", "one per measurement, in metres").capture();
    }

    depth_sounder(sh::module_context& host, depth_settings chosen)
        : host_(host), chosen_(std::move(chosen)), records_(host.output<sh::record>("records")) {}

    sh::awaitable<void> run() override {
        sh::backoff pause(250ms, 10s);
        while (!host_.draining()) {
            auto session = co_await host_.network().dial(chosen_.connect, 5s);
            if (session) {
                host_.set_condition("");
                pause.reset();
                co_await read_all(std::move(*session));
            }
            host_.set_condition("no sounder at " + chosen_.connect);  // a state, not a failure
            co_await host_.sleep_for(pause.next(host_.random()));
        }
    }

private:
    sh::awaitable<void> read_all(sh::stream session) {
        // A read that waits must end with the host.
        const sh::drain_state::watch on_drain(host_.drain(), [&session] { session.close(); });
        std::string waiting;
        std::array<std::byte, 512> piece;
        for (;;) {
            const auto count = co_await session.read_some(piece, 10s);
            if (!count) co_return;
            waiting.append(reinterpret_cast<const char*>(piece.data()), *count);
            for (auto end = waiting.find('\n'); end != waiting.npos; end = waiting.find('\n')) {
                co_await send(waiting.substr(0, end));
                waiting.erase(0, end + 1);
            }
            if (waiting.size() > 256) co_return;  // whatever that is, it is no sounder
        }
    }

    sh::awaitable<void> send(std::string line) {
        char* end = nullptr;
        const double metres = std::strtod(line.c_str(), &end);
        if (end == line.c_str()) {
            host_.log().warn("not a depth: {}", line.substr(0, 40));
            co_return;
        }
        sh::record reading{.value = {{"depth_m", metres}}};
        co_await records_.send(std::move(reading));
    }

    sh::module_context& host_;
    const depth_settings chosen_;
    sh::output<sh::record> records_;
};
