#include "terminal/simulated_terminal.hpp"

#include "terminal/terminal_taken.hpp"

#include <utility>

namespace streamhost {

class simulated_terminal::held final : public held_terminal {
public:
    explicit held(simulated_terminal& of) : of_(of) {}
    ~held() override {
        of_.holder_.clear();
        of_.changed_ = nullptr;
    }

    std::optional<result<std::string>> take_line() override {
        if (of_.typed_.empty()) return std::nullopt;
        auto line = std::move(of_.typed_.front());
        of_.typed_.pop_front();
        return result<std::string>(std::move(line));
    }
    bool input_ended() const override { return of_.ended_ && of_.typed_.empty(); }
    bool show(const std::string& line) override {
        if (of_.room_ == 0) return false;
        --of_.room_;
        of_.shown_.push_back(line);
        return true;
    }
    bool flushed() const override { return true; }

private:
    simulated_terminal& of_;
};

simulated_terminal::simulated_terminal() = default;
simulated_terminal::~simulated_terminal() = default;

void simulated_terminal::tell() {
    if (changed_) changed_();
}

void simulated_terminal::type(std::string line) {
    typed_.push_back(std::move(line));
    tell();
}

void simulated_terminal::end_input() {
    ended_ = true;
    tell();
}

void simulated_terminal::set_room(std::size_t lines) {
    room_ = lines;
    tell();
}

std::unique_ptr<held_terminal> simulated_terminal::hold(std::string holder, terminal_options, executor,
                                                        std::function<void()> changed) {
    if (!holder_.empty()) throw terminal_taken(holder_);
    holder_ = std::move(holder);
    changed_ = std::move(changed);
    return std::make_unique<held>(*this);
}

}  // namespace streamhost
