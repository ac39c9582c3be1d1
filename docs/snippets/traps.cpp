// What compiles and is wrong, and what is right instead: docs/coroutine-traps.md. Only the right ones are run.
#include <streamhost/module.hpp>

#include <memory>
#include <thread>
#include <string>
#include <vector>

namespace sh = streamhost;
using namespace std::chrono_literals;

class traps final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<traps>("docs.traps", "What can go wrong").output<sh::text>("lines", "what went right");
    }
    explicit traps(sh::module_context& host) : host_(host), lines_(host.output<sh::text>("lines")) {}

    sh::awaitable<void> run() override {
        host_.spawn(right_argument("by value"));
        host_.spawn(right_capture(std::make_shared<std::string>("by argument")));
        co_await right_loop();
        co_await right_temporary();
    }

    // A reference to what may be gone when the coroutine goes on.
    sh::awaitable<void> wrong_argument(const std::string& name) {
        co_await host_.sleep_for(10ms);
        host_.log().info("{}", name);  // the caller's temporary died long ago
    }
    sh::awaitable<void> right_argument(std::string name) {
        co_await host_.sleep_for(10ms);
        co_await say(std::move(name));
    }

    // The captures live in the lambda, not in the coroutine: they go with the lambda.
    void wrong_capture(std::shared_ptr<std::string> what) {
        host_.spawn([this, what]() -> sh::awaitable<void> {
            co_await host_.sleep_for(10ms);
            host_.log().info("{}", *what);
        }());
    }
    // Arguments live in the coroutine.
    sh::awaitable<void> right_capture(std::shared_ptr<std::string> what) {
        co_await host_.sleep_for(10ms);
        co_await say(*what);
    }

    // An iterator over what another coroutine of the instance may change meanwhile.
    sh::awaitable<void> wrong_loop() {
        for (const auto& each : names_) co_await say(each);
    }
    sh::awaitable<void> right_loop() {
        const auto names = names_;
        for (const auto& each : names) co_await say(each);
    }

    // GCC 12 destroys a temporary in an argument of co_await too early or twice: give it a name.
    sh::awaitable<void> right_temporary() {
        sh::text line{"by name", {}};
        co_await lines_.send(std::move(line));
    }

    // GCC 12 makes code of a co_await in a condition that crashes: `while (co_await host_.sleep_for(10ms)) ...`.
    sh::awaitable<void> right_condition() {
        for (;;) {
            const bool go_on = co_await host_.sleep_for(10ms);
            if (!go_on) break;
            co_await say("still here");
        }
    }

    // This blocks everything on the lane; the watchdog names the instance after 50 ms.
    sh::awaitable<void> wrong_wait() {
        std::this_thread::sleep_for(1s);
        co_return;
    }
    sh::awaitable<void> right_wait() {
        co_await host_.sleep_for(1s);                                    // a pause
        co_await host_.blocking([] { std::this_thread::sleep_for(1s); });  // work that takes long
    }

private:
    sh::awaitable<void> say(std::string what) {
        sh::text line{std::move(what), {}};
        co_await lines_.send(std::move(line));
    }

    sh::module_context& host_;
    sh::output<sh::text> lines_;
    std::vector<std::string> names_{"by copy"};
};
