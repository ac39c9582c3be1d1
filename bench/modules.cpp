#include <streamhost/module.hpp>

#include <iostream>
#include <vector>

/// Modules for the benchmarks only.
namespace bench {

namespace sh = streamhost;

/// For bench/latency: how old pictures are when they have arrived whole in their viewer's host.
class ages final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<ages>("bench.ages", "says at the end how old pictures were when they arrived")
            .input<sh::video_frame>("frames", "stamped on this machine");
    }
    explicit ages(sh::module_context& host) : frames_(host.input<sh::video_frame>("frames")) {}

    sh::awaitable<void> run() override {
        std::vector<double> ms;
        for (;;) {
            const auto frame = co_await frames_.next();
            if (!frame) break;
            ms.push_back(static_cast<double>(frame.arrived_ns() - frame.header().steady_ns) / 1e6);
        }
        for (const double age : ms) std::cout << age << '\n';
    }

private:
    sh::input<sh::video_frame> frames_;
};

}  // namespace bench

STREAMHOST_MODULES(bench::ages)
