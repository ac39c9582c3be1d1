#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/describe.hpp>
#include <streamhost/media.hpp>
#include <streamhost/message.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/plugin.hpp>
#include <streamhost/port.hpp>

/// All that a module needs.
namespace streamhost {

/// One instance of a module type. The host constructs it on its lane, awaits `prepare()`, then `run()`, and destroys it
/// after everything that it spawned has ended. A restart makes a new object from the same settings.
class STREAMHOST_API module {
public:
    module() = default;
    module(const module&) = delete;
    module& operator=(const module&) = delete;
    virtual ~module();

    /// Binds addresses and opens what the operator must have right; throws `configuration_error` where that fails.
    /// Peers and pluggable devices never fail it: their absence is a state.
    virtual awaitable<void> prepare();

    /// The work. Returns when its inputs and tickers say that they have ended; what it throws is a failure.
    virtual awaitable<void> run() = 0;
};

}  // namespace streamhost
