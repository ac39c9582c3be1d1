#include <streamhost/module.hpp>

#include <chrono>
#include <iostream>
#include <string>

/// Two modules that make the smallest topology: `ticks.lines -> notes.lines`.
namespace {

namespace sh = streamhost;
using namespace std::chrono_literals;

struct tick_settings {
    std::chrono::milliseconds period{100};
    std::int64_t count = 0;
    std::string word = "tick";
};

/// Says "tick 1", "tick 2", ... in steady beats.
class ticks final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<ticks, tick_settings>("test.ticks", "says a word in steady beats")
            .setting("period", &tick_settings::period, "time between two lines").range(1ms, 1h)
            .setting("count", &tick_settings::count, "how many, 0: until the host drains").at_least(0)
            .setting("word", &tick_settings::word, "what it says before the number")
            .output<sh::text>("lines", "the lines");
    }
    ticks(sh::module_context& host, tick_settings chosen)
        : host_(host), chosen_(std::move(chosen)), lines_(host.output<sh::text>("lines")) {}

    sh::awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (std::int64_t n = 1; chosen_.count == 0 || n <= chosen_.count; ++n) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            sh::text line{chosen_.word + " " + std::to_string(n), {}};
            co_await lines_.send(std::move(line));
        }
    }

private:
    sh::module_context& host_;
    tick_settings chosen_;
    sh::output<sh::text> lines_;
};

/// Prints what arrives to standard output, and "end" behind the last line.
class notes final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<notes>("test.notes", "prints what arrives").input<sh::text>("lines", "the lines").many();
    }
    explicit notes(sh::module_context& host) : lines_(host.input<sh::text>("lines")) {}

    sh::awaitable<void> run() override {
        for (;;) {
            const auto line = co_await lines_.next();
            if (!line) break;
            std::cout << line->line << std::endl;
        }
        std::cout << "end" << std::endl;
    }

private:
    sh::input<sh::text> lines_;
};

}  // namespace

STREAMHOST_MODULES(ticks, notes)
