#include <streamhost/queue_policy.hpp>

#include "topology/duration_text.hpp"

#include <fmt/format.h>

namespace streamhost {

std::string_view to_string(queue_policy policy) noexcept {
    switch (policy) {
        case queue_policy::latest: return "latest";
        case queue_policy::drop_oldest: return "drop_oldest";
        case queue_policy::drop_newest: return "drop_newest";
        case queue_policy::wait: return "wait";
        case queue_policy::disconnect: return "disconnect";
    }
    return "unknown";
}

std::string to_string(const queue_options& options) {
    auto text = fmt::format("{}, {} item{}", to_string(options.policy), options.items, options.items == 1 ? "" : "s");
    if (options.bytes != 0) text += fmt::format(", {} bytes", options.bytes);
    if (options.age.count() != 0) text += fmt::format(", {}", to_text(options.age));
    return text;
}

queue_options queue_choice::over(const queue_options& base) const {
    auto options = base;
    if (policy && *policy != base.policy) options = usual_queue(*policy);
    if (items) options.items = *items;
    if (bytes) options.bytes = *bytes;
    if (age_ms) options.age = *age_ms;
    if (wait_ms) options.wait = *wait_ms;
    return options;
}

}  // namespace streamhost
