#include "system.hpp"

#include "system_record.hpp"

#include <utility>

namespace streamhost::sensor {

module_info system::describe() {
    return streamhost::describe<system, system_settings>(
               "sensor.system", "How the machine is: processor, load, memory, temperatures, network")
        .setting("period", &system_settings::period, "time between two readings")
            .range(std::chrono::milliseconds(100), std::chrono::hours(1))
        .output<record>("records", "one per period; docs/sensors.md has the keys. What the machine does not have is left out")
        .capture();
}

system::system(module_context& host, system_settings chosen, std::filesystem::path root)
    : host_(host), chosen_(chosen), root_(std::move(root)), records_(host.output<record>("records")) {}

awaitable<void> system::run() {
    const auto read = [this] { return read_system(root_); };
    auto before = co_await host_.blocking(read);
    auto before_time = host_.clock().now();
    auto beat = host_.every(chosen_.period);
    for (;;) {
        const bool go_on = co_await beat.next();
        if (!go_on) break;
        auto now = co_await host_.blocking(read);
        const auto now_time = host_.clock().now();
        record reading{to_record(before, now, now_time - before_time)};
        co_await records_.send(std::move(reading));
        before = std::move(now);
        before_time = now_time;
    }
}

}  // namespace streamhost::sensor
