#pragma once

#include <streamhost/export.hpp>

#include <functional>
#include <list>

namespace streamhost {

/// The drain of one instance: a state, not a cancellation. Sources and servers watch it and end; what has inputs goes on
/// until they end. Confined to the lane's thread.
class STREAMHOST_API drain_state {
public:
    drain_state() = default;
    drain_state(const drain_state&) = delete;
    drain_state& operator=(const drain_state&) = delete;

    /// Stays registered while it lives.
    class watch {
    public:
        watch(drain_state& state, std::function<void()> callback);
        ~watch();
        watch(const watch&) = delete;
        watch& operator=(const watch&) = delete;

    private:
        friend class drain_state;
        drain_state& state_;
        std::list<watch*>::iterator place_;
        std::function<void()> callback_;
    };

    bool draining() const noexcept { return draining_; }

    /// Calls every watch once; a watch made later is not called, its maker looks at `draining()` first.
    void begin();

    /// A restarted instance starts undrained.
    void reset() noexcept { draining_ = false; }

private:
    std::list<watch*> watches_;
    std::list<watch*>::iterator next_called_ = watches_.end();
    bool draining_ = false;
};

}  // namespace streamhost
