#include "runtime/instance_view.hpp"

#include <streamhost/event.hpp>
#include <streamhost/timers.hpp>

#include <boost/asio/post.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace streamhost {
namespace {

constexpr auto answer_limit = std::chrono::seconds(30);

reload_report nobody_answers() { return {false, "this host has no topology that could change\n"}; }

}  // namespace

struct instance_view::question {
    event done;
    std::optional<reload_report> report;
};

running_topology instance_view::topology() const {
    return parts_.services != nullptr ? parts_.services->topology() : running_topology{};
}

std::vector<std::string> instance_view::log_tail(std::string_view name) const {
    return parts_.services != nullptr ? parts_.services->log_tail(name) : std::vector<std::string>{};
}

/// The host may end before it comes to this, or the instance before it is answered.
host_services::done instance_view::answer_to(const std::shared_ptr<question>& asked) const {
    return [weak = std::weak_ptr(asked), alive = std::weak_ptr(alive_), &on = parts_.on](const reload_report& report) {
        const auto here = alive.lock();
        if (!here) return;
        asio::post(on.own_executor(), [weak, report] {
            const auto place = weak.lock();
            if (!place) return;
            place->report = report;
            place->done.set();
        });
    };
}

awaitable<reload_report> instance_view::wait_for(std::shared_ptr<question> asked) {
    timer limit(parts_.on.timers());
    limit.start_after(answer_limit, [&asked] { asked->done.set(); });
    // The answer to a reload that replaces this very instance is here before its drain begins.
    const drain_state::watch on_drain(parts_.drain, [&asked] { asked->done.set(); });
    if (!parts_.drain.draining()) co_await asked->done.wait();
    if (asked->report) co_return *asked->report;
    reload_report none{false, "no answer: the host ends, or something blocks it, or another reload comes first\n"};
    co_return none;
}

awaitable<reload_report> instance_view::preview(topology_choice which) {
    if (parts_.services == nullptr) co_return nobody_answers();
    const auto asked = std::make_shared<question>();
    parts_.services->preview(answer_to(asked), std::move(which));
    co_return co_await wait_for(asked);
}

awaitable<reload_report> instance_view::reload(topology_choice which) {
    if (parts_.services == nullptr) co_return nobody_answers();
    const auto asked = std::make_shared<question>();
    parts_.services->reload(answer_to(asked), std::move(which));
    co_return co_await wait_for(asked);
}

}  // namespace streamhost
