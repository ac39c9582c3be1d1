#include <streamhost/drain.hpp>

#include <utility>

namespace streamhost {

drain_state::watch::watch(drain_state& state, std::function<void()> callback)
    : state_(state), place_(state.watches_.insert(state.watches_.end(), this)), callback_(std::move(callback)) {}

drain_state::watch::~watch() { state_.watches_.erase(place_); }

void drain_state::begin() {
    if (std::exchange(draining_, true)) return;
    // A callback may end a watch, also another's: begin again from what is left, each one only once.
    std::list<watch*> pending;
    pending.swap(watches_);
    while (!pending.empty()) {
        watch* const next = pending.front();
        watches_.splice(watches_.end(), pending, pending.begin());
        const auto callback = next->callback_;
        callback();
    }
}

}  // namespace streamhost
