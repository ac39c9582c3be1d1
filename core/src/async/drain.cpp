#include <streamhost/drain.hpp>

#include <utility>

namespace streamhost {

drain_state::watch::watch(drain_state& state, std::function<void()> callback)
    : state_(state), place_(state.watches_.insert(state.watches_.end(), this)), callback_(std::move(callback)) {}

drain_state::watch::~watch() {
    if (place_ == state_.next_called_) ++state_.next_called_;
    state_.watches_.erase(place_);
}

void drain_state::begin() {
    if (std::exchange(draining_, true)) return;
    // A callback may end watches, its own and others', and make new ones: those come after this mark.
    const auto end = watches_.insert(watches_.end(), nullptr);
    next_called_ = watches_.begin();
    while (next_called_ != end) {
        const watch* const current = *next_called_++;
        const auto callback = current->callback_;
        callback();
    }
    watches_.erase(end);
    next_called_ = watches_.end();
}

}  // namespace streamhost
