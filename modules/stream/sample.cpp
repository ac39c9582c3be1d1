#include "sample.hpp"

#include <streamhost/framed_types.hpp>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <utility>

namespace streamhost::stream_family {

using namespace std::chrono_literals;

module_info sample::describe() {
    return streamhost::describe<sample, sample_settings>(
               "stream.sample", "Numbered messages of a chosen type, for trying out what takes them")
        .setting("send", &sample_settings::send, "their type").one_of({"record", "text", "bytes"})
        .setting("period", &sample_settings::period, "time between messages").range(1ms, 1h)
        .setting("count", &sample_settings::count, "ends after so many; 0: never").at_least(0)
        .capture();
}

module_ports sample::ports_for(const sample_settings& chosen) {
    port_info port;
    port.name = "messages";
    port.help = "one per period: {\"number\": 1}, or \"number 1\"";
    port.direction = port_direction::output;
    port.type = standard_type(chosen.send);
    return port_list().add(std::move(port));
}

sample::sample(module_context& host, sample_settings chosen)
    : host_(host), chosen_(std::move(chosen)), messages_(host.any_output("messages")) {}

awaitable<void> sample::run() {
    auto beat = host_.every(chosen_.period);
    for (std::int64_t number = 1; chosen_.count == 0 || number <= chosen_.count; ++number) {
        co_await send(number);
        const bool go_on = co_await beat.next();
        if (!go_on) break;
    }
}

awaitable<void> sample::send(std::int64_t number) {
    auto words = fmt::format("number {}", number);
    if (chosen_.send == "record") {
        record reading{boost::json::object{{"number", number}}};
        co_await output<record>(messages_).send(std::move(reading));
    } else if (chosen_.send == "text") {
        text line{std::move(words)};
        co_await output<text>(messages_).send(std::move(line));
    } else {
        bytes raw{shared_bytes::adopt(std::move(words))};
        co_await output<bytes>(messages_).send(std::move(raw));
    }
}

}  // namespace streamhost::stream_family
