#include "console.hpp"

#include "graph_json.hpp"

#include <streamhost/host_view.hpp>

#include <unistd.h>

#include <array>
#include <utility>

namespace streamhost::web {
namespace {

using namespace std::chrono_literals;

/// How long viewers may take for what they have not got when the console ends: less than the host's own limit.
constexpr auto farewell = 2s;

// The numbers of streams, by kind: each list goes on from its first one.
constexpr std::uint16_t first_medium = 1;       // pictures, and 0x4001 and up sound
constexpr std::uint16_t first_reading = 0x8001;  // records, and 0xC001 and up text

std::string machine_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

}  // namespace

module_info console::describe() {
    return streamhost::describe<console, console_settings>(
               "web.console",
               "A page in the browser: pictures, sound, chat, readings, driving, and the graph as it runs")
        .setting("listen", &console_settings::listen, "address of the page").address(address_role::listen)
        .setting("title", &console_settings::title, "what the page is called; usually the name of the topology")
        .setting("auth", &console_settings::auth,
                 "file with a token of 16 characters or more, readable for its owner only: then nobody is let in who "
                 "does not know it, and peers of every network may try")
        .setting("hosts", &console_settings::hosts,
                 "names beside the machine's own by which the page is called, such as \"robot.example\"; others "
                 "are refused")
        .setting("deadman_ms", &console_settings::deadman,
                 "where no command of the operator has come for so long, `commands` says {\"stop\": true}")
            .range(50ms, 10s)
        .setting("max_age_ms", &console_settings::max_age, "commands that are older are left out").range(50ms, 10s)
        .input<encoded_image>("images", "pictures that the page shows, each link a stream of its own").many()
        .input<audio_block>("audio", "sound that the page plays").many()
        .input<text>("messages", "lines that the page shows in its chat").many()
        .input<record>("records", "readings that the page shows and plots").many()
        .output<text>("lines", "what is typed on pages; `sender` is the name that was chosen there, or the address")
            .spontaneous()
        .output<record>("commands",
                        "of the operator: {\"x\": 0.5, \"y\": 0, \"age_ms\": 12.5, \"operator\": \"Ada\"}, or "
                        "{\"stop\": true, \"reason\": \"...\"}")
            .spontaneous()
        .serves_viewers();
}

console::console(module_context& host, console_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      media_(host, first_medium),
      room_(host, {.title = chosen_.title, .deadman = chosen_.deadman, .max_age = chosen_.max_age},
            [this] { return streams(); }, [this] { return graph_json(host_.view().snapshot(), wall_ms()); },
            first_reading) {
    for (const auto* name : {"images", "audio", "messages", "records"}) inputs_.push_back(&host.any_input(name));
}

double console::wall_ms() const { return static_cast<double>(host_.clock().wall_ns()) / 1e6; }

std::vector<live_stream> console::streams() const {
    std::vector<live_stream> all;
    for (const auto* list : {&media_.images(), &media_.sounds(), &room_.texts(), &room_.readings()}) {
        for (auto& each : list->all()) all.push_back(std::move(each));
    }
    return all;
}

awaitable<void> console::prepare() {
    gate_ = access(chosen_.auth);
    const auto peers = gate_.asks() ? session_peers::everybody : session_peers::allowed;
    entrance_ = co_await host_.network().listen(chosen_.listen, peers);
    bound_ = entrance_.local();
    site_.emplace(site::parts{host_, gate_, media_, room_}, site::options{machine_name(), chosen_.hosts});
    server_.emplace(host_, *site_);
}

void console::say_address() const {
    auto shown = bound_;
    if (shown.host == "0.0.0.0") shown.host = machine_name();
    if (shown.host == "::") shown.host = machine_name();
    host_.log().info("http://{}/", shown.to_string());
}

/// Reads one input to its end, which is the drain's: another link may come at any time before.
awaitable<void> console::take_all(input_port& from, change changed, taker take) {
    std::optional<std::uint64_t> known;
    for (;;) {
        if (known != from.link_changes()) {
            known = from.link_changes();
            changed(from.sources());
            room_.tell_streams();
        }
        envelope content;
        if (from.try_next(content)) {
            take(std::move(content), from.last_source());
        } else if (host_.draining() && from.ended()) {
            break;
        } else if (host_.draining()) {
            co_await from.wait();
        } else {
            co_await from.wait_beyond_end();
        }
    }
    if (--taking_ == 0) ended_.set();
}

awaitable<void> console::run() {
    say_address();
    const drain_state::watch on_drain(host_.drain(), [this] {
        room_.close();
        for (auto* each : inputs_) each->wake();
    });
    if (host_.draining()) room_.close();
    taking_ = inputs_.size();
    change images = [this](const auto& sources) { media_.update_images(sources); };
    change sounds = [this](const auto& sources) { media_.update_sounds(sources); };
    change texts = [this](const auto& sources) { room_.texts().update(sources); };
    change readings = [this](const auto& sources) { room_.update_readings(sources); };
    taker picture = [this](envelope content, const link_source& by) {
        media_.publish(message<encoded_image>(std::move(content)), by);
    };
    taker sound = [this](envelope content, const link_source& by) {
        media_.publish(message<audio_block>(std::move(content)), by);
    };
    taker line = [this](envelope content, const link_source& by) { room_.take(message<text>(std::move(content)), by); };
    taker reading = [this](envelope content, const link_source& by) {
        room_.take(message<record>(std::move(content)), by);
    };
    host_.spawn(take_all(*inputs_[0], std::move(images), std::move(picture)));
    host_.spawn(take_all(*inputs_[1], std::move(sounds), std::move(sound)));
    host_.spawn(take_all(*inputs_[2], std::move(texts), std::move(line)));
    host_.spawn(take_all(*inputs_[3], std::move(readings), std::move(reading)));
    host_.spawn(room_.send_lines());
    host_.spawn(room_.send_commands());
    host_.spawn(room_.show_graph());
    host_.spawn(server_->accept(std::move(entrance_)));
    while (taking_ > 0) co_await ended_.wait();
    server_->close();
    room_.dismiss_pages();
    co_await media_.finish(farewell);
}

}  // namespace streamhost::web
