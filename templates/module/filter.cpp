// @TYPE@: takes @INPUT_PLURAL@, sends @PLURAL@.
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
        return sh::describe<@CLASS@, settings>("@TYPE@", "Makes @PLURAL@ of @INPUT_PLURAL@")
            .setting("every", &settings::every, "takes one message of so many").range(1, 1000)
            .input<sh::@INPUT@>("@IN@", "what comes")
            .output<sh::@OUTPUT@>("@OUT@", "what was made of it");
    }

    @CLASS@(sh::module_context& host, settings chosen)
        : chosen_(chosen), in_(host.input<sh::@INPUT@>("@IN@")), out_(host.output<sh::@OUTPUT@>("@OUT@")) {}

    sh::awaitable<void> run() override {
        for (int number = 0;; number = (number + 1) % chosen_.every) {
            const auto taken = co_await in_.next();
            if (!taken) break;  // all that feed it have ended
            if (number > 0) continue;
            @MAKE@
            co_await out_.send(std::move(made), taken.header());  // as old as what it was made of
        }
    }

private:
@MAKER@    settings chosen_;
    sh::input<sh::@INPUT@> in_;
    sh::output<sh::@OUTPUT@> out_;
};

}  // namespace

STREAMHOST_MODULES(@CLASS@)
