#include "modules/chaos/counts.hpp"

#include <boost/json/object.hpp>

namespace chaos {

using namespace std::chrono_literals;

sh::module_info counts::describe() {
    return sh::describe<counts, count_settings>("chaos.counts", "counts in steady beats")
        .setting("period", &count_settings::period, "time between records").range(1ms, 1h)
        .setting("count", &count_settings::count, "how many, 0: until the host drains").at_least(0)
        .output<sh::record>("records", "{\"n\": 1}, {\"n\": 2}, ...");
}

counts::counts(sh::module_context& host, count_settings chosen)
    : host_(host), chosen_(chosen), records_(host.output<sh::record>("records")) {}

sh::awaitable<void> counts::run() {
    auto beat = host_.every(chosen_.period);
    for (std::int64_t n = 1; chosen_.count == 0 || n <= chosen_.count; ++n) {
        const bool go_on = co_await beat.next();
        if (!go_on) break;
        sh::record number{boost::json::object{{"n", n}}};
        co_await records_.send(std::move(number));
    }
}

}  // namespace chaos
