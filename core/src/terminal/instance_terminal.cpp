#include "terminal/instance_terminal.hpp"

#include <streamhost/event.hpp>

#include <utility>

namespace streamhost {

class terminal_claim::implementation {
public:
    implementation(drain_state& drain, timer_queue& timers)
        : drain_(drain), timers_(timers), on_drain_(drain, [this] { wake(); }) {}

    void hold(std::unique_ptr<held_terminal> held) { held_ = std::move(held); }

    void wake() {
        typed_.set();
        written_.set();
    }

    awaitable<result<std::string>> read_line() {
        for (;;) {
            if (drain_.draining()) co_return errc::draining;
            if (auto line = held_->take_line()) co_return std::move(*line);
            if (held_->input_ended()) co_return errc::end_of_stream;
            co_await typed_.wait();
        }
    }

    awaitable<void> show(std::string line) {
        while (!held_->show(line) && !drain_.draining()) co_await written_.wait();
    }

    awaitable<void> flush(duration limit) {
        bool expired = false;
        timer deadline(timers_);
        deadline.start_after(limit, [&] {
            expired = true;
            written_.set();
        });
        while (!held_->flushed() && !expired) co_await written_.wait();
    }

private:
    drain_state& drain_;
    timer_queue& timers_;
    drain_state::watch on_drain_;
    event typed_;
    event written_;
    std::unique_ptr<held_terminal> held_;  // last: it calls `wake`
};

terminal_claim::terminal_claim() noexcept = default;
terminal_claim::terminal_claim(std::unique_ptr<implementation> inner) noexcept : inner_(std::move(inner)) {}
terminal_claim::terminal_claim(terminal_claim&&) noexcept = default;
terminal_claim& terminal_claim::operator=(terminal_claim&&) noexcept = default;
terminal_claim::~terminal_claim() = default;
awaitable<result<std::string>> terminal_claim::read_line() { return inner_->read_line(); }
awaitable<void> terminal_claim::show(std::string line) { return inner_->show(std::move(line)); }
awaitable<void> terminal_claim::flush(duration limit) { return inner_->flush(limit); }

terminal_claim instance_terminal::claim(terminal_options options) {
    auto inner = std::make_unique<terminal_claim::implementation>(drain_, timers_);
    auto changed = [to = inner.get()] { to->wake(); };
    inner->hold(backend_.hold(instance_, std::move(options), executor_, std::move(changed)));
    return terminal_claim(std::move(inner));
}

}  // namespace streamhost
