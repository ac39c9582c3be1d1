#include <streamhost/viewer_record.hpp>

#include <algorithm>

namespace streamhost {

std::shared_ptr<viewer_record> viewer_register::add(std::string name, const queue_options& queue) {
    auto made = std::make_shared<viewer_record>(std::move(name), queue);
    const std::lock_guard lock(mutex_);
    if (records_.size() >= tidy_at_) {
        std::erase_if(records_, [](const auto& each) { return each.expired(); });
        tidy_at_ = std::max<std::size_t>(64, 2 * records_.size());
    }
    records_.push_back(made);
    return made;
}

std::vector<viewer_snapshot> viewer_register::snapshot(std::int64_t now_ns) const {
    std::vector<viewer_snapshot> all;
    const std::lock_guard lock(mutex_);
    for (const auto& each : records_) {
        const auto record = each.lock();
        if (!record) continue;
        const auto arrived_ns = static_cast<std::int64_t>(record->arrived_ns.value());
        viewer_snapshot one;
        one.name = record->name();
        one.policy = to_string(record->queue());
        one.delivered = record->delivered.value();
        one.bytes = record->bytes.value();
        one.dropped = {{"replaced", record->replaced.value()},
                       {"aged", record->aged.value()},
                       {"unsent", record->unsent.value()}};
        one.waiting = record->waiting.value();
        one.age_ns = arrived_ns == 0 ? 0 : std::max<std::int64_t>(0, now_ns - arrived_ns);
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace streamhost
