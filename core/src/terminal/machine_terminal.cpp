#include "terminal/machine_terminal.hpp"

#include "observe/log_diversion.hpp"
#include "terminal/descriptor_output.hpp"
#include "terminal/line_editor.hpp"
#include "terminal/terminal_mode.hpp"
#include "terminal/terminal_taken.hpp"

#include <streamhost/log.hpp>
#include <streamhost/mailbox.hpp>

#include <fmt/format.h>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_typed = 256;         ///< lines that wait for the lane; then nothing more is read
constexpr std::size_t most_shown = 64;          ///< lines that wait to be shown; then their sender waits
constexpr std::size_t most_logged = 1024;       ///< lines of the log that wait; then the oldest give way
constexpr std::size_t enough_on_its_way = 4096; ///< bytes that are handed to the terminal ahead
constexpr auto key_pause = 50ms;                ///< between the bytes of one key
constexpr auto background_pause = 500ms;        ///< between two looks whether the terminal is ours
constexpr auto farewell = 200ms;                ///< for what is still to be written when the terminal is given back

/// Whether its lines can be edited.
bool is_interactive(int input) {
    const char* const type = std::getenv("TERM");
    const std::string_view name = type == nullptr ? "" : type;
    return ::isatty(input) == 1 && !name.empty() && name != "dumb";
}

/// A descriptor of our own, closed at the end.
struct own_descriptor {
    explicit own_descriptor(int opened) : number(opened) {}
    ~own_descriptor() {
        if (number >= 0) ::close(number);
    }
    own_descriptor(const own_descriptor&) = delete;
    own_descriptor& operator=(const own_descriptor&) = delete;

    const int number;
};

class wake_up {
public:
    wake_up() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    int descriptor() const noexcept { return descriptor_.number; }
    void wake() const {
        const std::uint64_t one = 1;
        (void)!::write(descriptor_.number, &one, sizeof one);
    }
    /// Whether it was woken since the last call.
    bool take() const {
        std::uint64_t count = 0;
        return ::read(descriptor_.number, &count, sizeof count) == sizeof count;
    }

private:
    own_descriptor descriptor_;
};

}  // namespace

/// One claim: a thread that reads and writes, and what it shares with the lane and the log.
class machine_terminal::session final : public held_terminal {
public:
    session(machine_terminal& of, terminal_options options, executor lane, std::function<void()> changed);
    ~session() override;

    std::optional<result<std::string>> take_line() override;
    bool input_ended() const override;
    bool show(const std::string& line) override;
    bool flushed() const override;

private:
    struct waiting_line {
        std::string text;
        bool logged = false;
    };

    // The log's thread.
    void log(std::string line);

    // The session's own thread.
    void run();
    void attend();
    void wait(std::optional<std::chrono::milliseconds> limit);
    void take_over_terminal();
    void suspend();
    void read_input();
    void read_keys(std::string_view keys);
    void read_text(std::string_view bytes);
    void deliver(std::vector<result<std::string>> lines, bool ended);
    void end_editing();
    void hand_over_lines();
    void put(const waiting_line& line);
    void draw();
    void note_size();
    void say_farewell();
    std::string take_lost_note();

    machine_terminal& of_;
    logger log_{"terminal"};
    const terminal_options options_;
    const bool interactive_;
    const bool shows_in_terminal_;  // what is shown, and what is logged, goes where the keys come from
    const bool logs_in_terminal_;
    mailbox<bool> changed_;
    wake_up wake_;
    wake_up suspend_;

    mutable std::mutex mutex_;
    std::deque<waiting_line> waiting_;
    std::size_t waiting_shown_ = 0;
    std::size_t lost_logged_ = 0;
    bool all_written_ = true;
    bool stopping_ = false;
    bool over_ = false;  // the thread takes no more lines

    // From here on: the session's own thread only.
    std::optional<mailbox<bool>::writer> tell_;
    own_descriptor terminal_;
    descriptor_output to_terminal_;
    descriptor_output to_output_;
    std::optional<terminal_mode> mode_;
    std::optional<line_editor> editor_;
    bool attached_ = false;  // the terminal is in the editor's mode
    bool input_done_ = false;
    bool said_broken_ = false;
    winsize size_{};

    std::thread thread_;
    std::optional<log_diversion> diversion_;
};

machine_terminal::session::session(machine_terminal& of, terminal_options options, executor lane,
                                   std::function<void()> changed)
    : of_(of),
      options_(std::move(options)),
      interactive_(is_interactive(of.descriptors_.input)),
      shows_in_terminal_(interactive_ && ::isatty(of.descriptors_.output) == 1),
      logs_in_terminal_(interactive_ && ::isatty(of.descriptors_.errors) == 1),
      changed_(std::move(lane), std::move(changed)),
      tell_(changed_.make_writer()),
      terminal_(interactive_ ? open_again(of.descriptors_.input) : -1),
      to_terminal_(terminal_.number),
      to_output_(of.descriptors_.output) {
    if (interactive_) mode_.emplace(terminal_.number, suspend_.descriptor());
    thread_ = std::thread([this] { run(); });
    if (logs_in_terminal_) diversion_.emplace([this](std::string line) { log(std::move(line)); });
}

machine_terminal::session::~session() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.wake();
    thread_.join();
    mode_.reset();
    diversion_.reset();
    const std::lock_guard lock(of_.mutex_);
    of_.holder_.clear();
}

std::optional<result<std::string>> machine_terminal::session::take_line() {
    auto& typed = of_.typed_;
    const std::lock_guard lock(typed.mutex);
    if (typed.lines.empty()) return std::nullopt;
    auto line = std::move(typed.lines.front());
    typed.lines.pop_front();
    if (typed.lines.size() == most_typed - 1) wake_.wake();  // there is room again
    return line;
}

bool machine_terminal::session::input_ended() const {
    auto& typed = of_.typed_;
    const std::lock_guard lock(typed.mutex);
    return typed.ended && typed.lines.empty();
}

bool machine_terminal::session::show(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (waiting_shown_ >= most_shown) return false;
    waiting_.push_back({line + '\n'});
    ++waiting_shown_;
    all_written_ = false;
    wake_.wake();
    return true;
}

bool machine_terminal::session::flushed() const {
    const std::lock_guard lock(mutex_);
    return all_written_;
}

void machine_terminal::session::log(std::string line) {
    const std::lock_guard lock(mutex_);
    if (over_) {
        (void)!::write(of_.descriptors_.errors, line.data(), line.size());
        return;
    }
    if (waiting_.size() - waiting_shown_ >= most_logged) {
        waiting_.erase(std::ranges::find_if(waiting_, [](const auto& each) { return each.logged; }));
        ++lost_logged_;
    }
    waiting_.push_back({std::move(line), true});
    all_written_ = false;
    wake_.wake();
}

void machine_terminal::session::run() {
    // Job control must not stop the process because this thread looks at a terminal that another has in the foreground.
    sigset_t job_control;
    ::sigemptyset(&job_control);
    ::sigaddset(&job_control, SIGTTIN);
    ::sigaddset(&job_control, SIGTTOU);
    ::pthread_sigmask(SIG_BLOCK, &job_control, nullptr);
    {
        const std::lock_guard lock(of_.typed_.mutex);
        input_done_ = of_.typed_.ended;
    }
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) break;
        }
        attend();
    }
    say_farewell();
    editor_.reset();
    tell_.reset();
}

/// One turn: whatever can be done, then a wait for more.
void machine_terminal::session::attend() {
    if (interactive_ && !input_done_ && !attached_) take_over_terminal();
    if (suspend_.take()) suspend();
    note_size();
    hand_over_lines();
    draw();
    std::optional<std::chrono::milliseconds> limit;
    if (interactive_ && !input_done_ && !attached_) limit = background_pause;
    if (editor_ && editor_->inside_key()) limit = key_pause;
    wait(limit);
}

void machine_terminal::session::take_over_terminal() {
    if (!terminal_mode::is_foreground(terminal_.number)) return;
    if (!editor_) {
        mode_->keep_found();
        editor_.emplace(terminal_.number, options_.prompt);
        mode_->keep_own();
        ::ioctl(terminal_.number, TIOCGWINSZ, &size_);
    } else {
        mode_->enter();
        editor_->reveal();
    }
    attached_ = true;
}

void machine_terminal::session::suspend() {
    if (attached_) {
        editor_->hide();
        draw();
        while (to_terminal_.waiting() > 0) {
            pollfd ready{to_terminal_.wanted(), POLLOUT, 0};
            if (::poll(&ready, 1, static_cast<int>(farewell.count())) != 1) break;
            to_terminal_.write_some();
        }
        mode_->leave();
        attached_ = false;
    }
    terminal_mode::stop_process();
}

void machine_terminal::session::note_size() {
    if (!attached_) return;
    winsize now{};
    if (::ioctl(terminal_.number, TIOCGWINSZ, &now) != 0) return;
    const bool changed = now.ws_col != size_.ws_col || now.ws_row != size_.ws_row;
    size_ = now;
    if (!changed) return;
    editor_->hide();
    editor_->reveal();
}

void machine_terminal::session::wait(std::optional<std::chrono::milliseconds> limit) {
    bool wants_input = !input_done_ && (attached_ || !interactive_);
    if (wants_input) {
        const std::lock_guard lock(of_.typed_.mutex);
        wants_input = of_.typed_.lines.size() < most_typed;
    }
    const int input = interactive_ ? terminal_.number : of_.descriptors_.input;
    std::array<pollfd, 5> waiting{{
        {wake_.descriptor(), POLLIN, 0},
        {suspend_.descriptor(), POLLIN, 0},
        {wants_input ? input : -1, POLLIN, 0},
        {to_terminal_.wanted(), POLLOUT, 0},
        {to_output_.wanted(), POLLOUT, 0},
    }};
    const int ready = ::poll(waiting.data(), waiting.size(), limit ? static_cast<int>(limit->count()) : -1);
    if (ready < 0) return;  // interrupted
    if (ready == 0 && editor_) editor_->settle();
    if (waiting[0].revents != 0) wake_.take();
    if (waiting[2].revents != 0) read_input();
    if (waiting[3].revents != 0) to_terminal_.write_some();
    if (waiting[4].revents != 0) to_output_.write_some();
}

void machine_terminal::session::read_input() {
    std::array<char, 4096> buffer;
    const int input = interactive_ ? terminal_.number : of_.descriptors_.input;
    const auto count = ::read(input, buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const std::string_view bytes(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    if (interactive_) {
        read_keys(bytes);
    } else {
        read_text(bytes);
    }
}

void machine_terminal::session::read_keys(std::string_view keys) {
    editor_->type(keys);
    std::vector<result<std::string>> lines;
    for (auto& line : editor_->take_lines()) lines.emplace_back(std::move(line));
    const bool ended = keys.empty() || editor_->ended();  // no keys: the terminal has gone
    if (ended) end_editing();
    deliver(std::move(lines), ended);
}

void machine_terminal::session::read_text(std::string_view bytes) {
    std::vector<result<std::string>> lines;
    const bool ended = bytes.empty();
    while (!bytes.empty()) {
        if (auto line = of_.typed_.splitter.next(bytes)) lines.push_back(std::move(*line));
    }
    if (ended) {
        if (auto line = of_.typed_.splitter.finish()) lines.push_back(std::move(*line));
    }
    deliver(std::move(lines), ended);
}

void machine_terminal::session::deliver(std::vector<result<std::string>> lines, bool ended) {
    if (lines.empty() && !ended) return;
    input_done_ = ended;
    {
        const std::lock_guard lock(of_.typed_.mutex);
        for (auto& line : lines) of_.typed_.lines.push_back(std::move(line));
        of_.typed_.ended = ended;
    }
    tell_->offer(true);
}

void machine_terminal::session::end_editing() {
    editor_->finish();
    mode_->leave();
    attached_ = false;
}

std::string machine_terminal::session::take_lost_note() {
    const auto lost = std::exchange(lost_logged_, 0);
    return lost == 0 ? std::string() : fmt::format("({} lines of the log were left out)\n", lost);
}

void machine_terminal::session::hand_over_lines() {
    if (to_terminal_.waiting() >= enough_on_its_way || to_output_.waiting() >= enough_on_its_way) return;
    std::deque<waiting_line> lines;
    {
        const std::lock_guard lock(mutex_);
        lines.swap(waiting_);
        waiting_shown_ = 0;
        if (auto note = take_lost_note(); !note.empty()) lines.push_back({std::move(note), true});
    }
    std::string above;
    for (const auto& line : lines) {
        const bool in_terminal = line.logged || shows_in_terminal_;
        if (in_terminal) {
            above += line.text;
        } else {
            to_output_.add(line.text);
            if (to_output_.broken() && !std::exchange(said_broken_, true)) {
                log_.warn("standard output takes nothing more: what is to be shown there is lost");
            }
        }
    }
    if (!above.empty()) {
        if (editor_ && attached_) {
            editor_->print(above);
        } else {
            to_terminal_.add(above);
        }
    }
    const bool written = to_terminal_.waiting() == 0 && to_output_.waiting() == 0 && above.empty();
    bool news = !lines.empty();
    {
        const std::lock_guard lock(mutex_);
        if (written && waiting_.empty() && !std::exchange(all_written_, true)) news = true;
    }
    if (news) tell_->offer(true);
}

void machine_terminal::session::draw() {
    if (editor_) to_terminal_.add(editor_->take_screen());
}

void machine_terminal::session::say_farewell() {
    const auto until = std::chrono::steady_clock::now() + farewell;
    hand_over_lines();
    if (editor_ && attached_) editor_->finish();
    for (;;) {
        hand_over_lines();
        draw();
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        std::array<pollfd, 2> waiting{{{to_terminal_.wanted(), POLLOUT, 0}, {to_output_.wanted(), POLLOUT, 0}}};
        const bool done = waiting[0].fd < 0 && waiting[1].fd < 0;
        if (done || left.count() <= 0) {
            const std::lock_guard lock(mutex_);
            over_ = waiting_.empty() || !done;
            if (over_) break;
            continue;  // something was logged in between
        }
        if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) <= 0) continue;
        if (waiting[0].revents != 0) to_terminal_.write_some();
        if (waiting[1].revents != 0) to_output_.write_some();
    }
}

machine_terminal::machine_terminal() = default;
machine_terminal::machine_terminal(descriptors chosen) : descriptors_(chosen) {}
machine_terminal::~machine_terminal() = default;

std::unique_ptr<held_terminal> machine_terminal::hold(std::string holder, terminal_options options, executor lane,
                                                      std::function<void()> changed) {
    {
        const std::lock_guard lock(mutex_);
        if (!holder_.empty()) throw terminal_taken(holder_);
        holder_ = std::move(holder);
    }
    try {
        return std::make_unique<session>(*this, std::move(options), std::move(lane), std::move(changed));
    } catch (...) {
        const std::lock_guard lock(mutex_);
        holder_.clear();
        throw;
    }
}

}  // namespace streamhost
