// @TYPE@: takes @INPUT_PLURAL@.
#include <streamhost/module.hpp>
@GAP@@INCLUDES@
namespace sh = streamhost;

namespace {

/// What a topology may say; the values here are the defaults.
struct settings {
    int every = 1;
};

class @CLASS@ final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<@CLASS@, settings>("@TYPE@", "Takes @INPUT_PLURAL@")
            .setting("every", &settings::every, "speaks of one message of so many").range(1, 1000)
            .input<sh::@INPUT@>("@IN@", "what comes");
    }

    @CLASS@(sh::module_context& host, settings chosen)
        : host_(host), chosen_(chosen), in_(host.input<sh::@INPUT@>("@IN@")) {}

    sh::awaitable<void> run() override {
        for (int number = 0;; number = (number + 1) % chosen_.every) {
            const auto taken = co_await in_.next();
            if (!taken) break;  // all that feed it have ended
            if (number == 0) host_.log().info(@SHOW@);
        }
    }

private:
    sh::module_context& host_;
    settings chosen_;
    sh::input<sh::@INPUT@> in_;
};

}  // namespace

STREAMHOST_MODULES(@CLASS@)
