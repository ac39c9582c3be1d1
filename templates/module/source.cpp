// @TYPE@: sends @PLURAL@. Your device goes where `measure` is.
#include <streamhost/module.hpp>

@INCLUDES@#include <chrono>
#include <random>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

/// What a topology may say; the values here are the defaults.
struct settings {
    std::chrono::milliseconds period{1000};
    double scale = 1;
};

class @CLASS@ final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<@CLASS@, settings>("@TYPE@", "What a @KIND@ measures")
            .setting("period", &settings::period, "time between two measurements").range(10ms, 1h)
            .setting("scale", &settings::scale, "what a raw value is multiplied by").range(0.001, 1000)
            .output<sh::@OUTPUT@>("@OUT@", "one per period").capture();
    }

    @CLASS@(sh::module_context& host, settings chosen)
        : host_(host), chosen_(chosen), out_(host.output<sh::@OUTPUT@>("@OUT@")) {}

    sh::awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;  // the host ends
            @MAKE@
            co_await out_.send(std::move(made));
        }
    }

private:
    /// What takes longer than a millisecond goes to a worker thread, and must not use `host_` there:
    /// docs/writing-a-module.md, "A device whose driver blocks".
    double measure() { return chosen_.scale * std::normal_distribution(20.0, 0.5)(host_.random()); }

@MAKER@    sh::module_context& host_;
    settings chosen_;
    sh::output<sh::@OUTPUT@> out_;
};

}  // namespace

STREAMHOST_MODULES(@CLASS@)
