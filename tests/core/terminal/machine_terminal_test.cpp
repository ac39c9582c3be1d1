#include "async/lane.hpp"
#include "async/machine_clock.hpp"
#include "support/terminal_user.hpp"
#include "terminal/instance_terminal.hpp"
#include "terminal/machine_terminal.hpp"

#include <streamhost/log.hpp>
#include <streamhost/task_group.hpp>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto limit = 30s;

/// A lane that holds the terminal behind some descriptors, notes what is typed, and shows what a test says.
class holder {
public:
    explicit holder(machine_terminal& of, std::string name = "console") : lane_("test", time_), name_(std::move(name)) {
        lane_.start();
        call([&] { terminal_.emplace(name_, of, lane_.own_executor(), drain_, lane_.timers()); });
    }
    ~holder() {
        release();
        call([&] { terminal_.reset(); });
    }

    void claim() {
        call([&] {
            claim_ = terminal_->claim({});
            tasks_.emplace(lane_.own_executor());
            tasks_->spawn(read());
        });
    }
    void show(std::string line) {
        call([&] { tasks_->spawn(claim_.show(std::move(line))); });
    }
    void flush() {
        std::promise<void> done;
        call([&] { tasks_->spawn(flush_all(done)); });
        done.get_future().wait();
    }
    void release() {
        if (!tasks_) return;
        std::promise<void> joined;
        call([&] {
            drain_.begin();
            last_.emplace(lane_.own_executor());
            last_->spawn(join(joined));
        });
        joined.get_future().wait();
        call([&] {
            last_.reset();
            tasks_.reset();
            drain_.reset();
        });
    }

    std::vector<std::string> typed() {
        const std::lock_guard lock(mutex_);
        return typed_;
    }
    /// Until so many lines and ends were noted.
    bool wait_typed(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, limit, [&] { return typed_.size() >= count; });
    }

private:
    void call(std::function<void()> work) {
        std::exception_ptr failure; // not the promise's: the lane must have let go of it before this thread reads it
        std::promise<void> done;
        auto end = done.get_future();
        asio::post(lane_.own_executor(), [&] {
            try {
                work();
            } catch (...) {
                failure = std::current_exception();
            }
            done.set_value();
        });
        end.get();
        if (failure) std::rethrow_exception(std::move(failure));
    }
    awaitable<void> read() {
        for (;;) {
            const auto line = co_await claim_.read_line();
            if (!line && line.error() == errc::draining) break;
            {
                const std::lock_guard lock(mutex_);
                typed_.push_back(line ? *line : "[" + line.error().message() + "]");
            }
            changed_.notify_all();
            if (!line && line.error() == errc::end_of_stream) break;
        }
    }
    awaitable<void> flush_all(std::promise<void>& done) {
        co_await claim_.flush(limit);
        done.set_value();
    }
    awaitable<void> join(std::promise<void>& joined) {
        co_await tasks_->join();
        claim_ = {};
        joined.set_value();
    }

    machine_clock time_;
    lane lane_;
    std::string name_;
    drain_state drain_;
    std::optional<instance_terminal> terminal_;
    terminal_claim claim_;
    std::optional<task_group> tasks_;
    std::optional<task_group> last_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> typed_;
};

const std::string end_of_input = "[" + make_error_code(errc::end_of_stream).message() + "]";

/// A user at a pseudo-terminal.
class machine_terminal_test : public ::testing::Test, public test::terminal_user {
protected:
    machine_terminal_test() { ::setenv("TERM", "xterm", 1); }

    /// What is typed before the prompt is there goes through the kernel's own editing.
    void claim() {
        console.claim();
        ASSERT_TRUE(wait_last_line(">"));
    }

    machine_terminal of_host{{terminal.host(), terminal.host(), terminal.host()}};
    holder console{of_host};
};

TEST_F(machine_terminal_test, a_line_of_the_log_tears_no_half_typed_line) {
    claim();
    type("half a li");
    ASSERT_TRUE(wait_last_line("> half a li"));
    logger log("robot");
    log.warn("the battery is low");
    ASSERT_TRUE(wait_screen([&] { return screen.lines().size() == 2 && screen.last_line() == "> half a li"; }));
    EXPECT_THAT(screen.lines()[0], EndsWith("robot: the battery is low"));
    type("ne\r");
    ASSERT_TRUE(console.wait_typed(1));
    EXPECT_THAT(console.typed(), ElementsAre("half a line"));
    ASSERT_TRUE(wait_last_line(">"));
    EXPECT_EQ(screen.lines()[1], "> half a line");
}

TEST_F(machine_terminal_test, what_a_peer_has_said_cannot_act_on_the_terminal_through_the_log) {
    claim();
    logger log("robot");
    log.warn("refused: {}", "\x1b[2J\r\nforged line");
    ASSERT_TRUE(wait_line("refused: \\x1b[2J\\x0d\\x0aforged line"));
}

TEST_F(machine_terminal_test, neither_does_a_line_that_is_shown) {
    claim();
    type("half");
    ASSERT_TRUE(wait_last_line("> half"));
    console.show("10.0.0.2:4711: gr\u00fc\u00dfe");
    ASSERT_TRUE(wait_screen([&] { return screen.lines().size() == 2 && screen.last_line() == "> half"; }));
    EXPECT_EQ(screen.lines()[0], "10.0.0.2:4711: gr\u00fc\u00dfe");
}

TEST_F(machine_terminal_test, the_mode_is_what_it_was_when_the_terminal_is_given_back) {
    claim();
    EXPECT_FALSE(test::same_mode(terminal.mode(), found));
    type("half");
    ASSERT_TRUE(wait_last_line("> half"));
    console.show("last");
    console.release();
    EXPECT_TRUE(test::same_mode(terminal.mode(), found));
    ASSERT_TRUE(wait_screen([&] { return screen.lines() == std::vector<std::string>{"last", "> half", ""}; }))
        << ::testing::PrintToString(screen.lines());
}

TEST_F(machine_terminal_test, the_descriptor_that_came_from_the_shell_still_blocks) {
    claim();
    EXPECT_EQ(::fcntl(terminal.host(), F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(machine_terminal_test, a_program_that_leaves_in_a_hurry_can_restore_the_mode) {
    claim();
    restore_terminal();
    EXPECT_TRUE(test::same_mode(terminal.mode(), found));
}

TEST_F(machine_terminal_test, the_end_key_ends_the_input_and_lines_are_shown_as_ever) {
    claim();
    type("last\r\x04");
    ASSERT_TRUE(console.wait_typed(2));
    EXPECT_THAT(console.typed(), ElementsAre("last", end_of_input));
    ASSERT_TRUE(wait_last_line(""));
    console.flush();
    EXPECT_TRUE(test::same_mode(terminal.mode(), found));
    console.show("still here");
    ASSERT_TRUE(wait_screen([&] { return screen.lines() == std::vector<std::string>{"> last", "still here", ""}; }));
}

TEST_F(machine_terminal_test, a_window_that_is_closed_ends_the_input) {
    claim();
    terminal.hang_up();
    ASSERT_TRUE(console.wait_typed(1));
    EXPECT_THAT(console.typed(), ElementsAre(end_of_input));
}

TEST_F(machine_terminal_test, keys_that_come_slowly_are_still_keys) {
    claim();
    type("ab\x1b");
    type("[D");
    type("\xc3");
    type("\xbc\r");
    ASSERT_TRUE(console.wait_typed(1));
    EXPECT_EQ(console.typed()[0].size(), 4u);
}

TEST_F(machine_terminal_test, escape_alone_does_not_hold_up_the_log) {
    claim();
    type("ab\x1b");
    ASSERT_TRUE(wait_last_line("> ab"));
    logger log("robot");
    log.info("goes on");
    ASSERT_TRUE(wait_screen([&] { return screen.lines().size() == 2 && screen.last_line() == "> ab"; }));
}

TEST_F(machine_terminal_test, a_new_size_is_drawn_for) {
    claim();
    type("hello");
    ASSERT_TRUE(wait_last_line("> hello"));
    terminal.resize(20, 10);
    type("!");
    ASSERT_TRUE(wait_last_line("> hello!"));
}

TEST_F(machine_terminal_test, only_one_can_hold_it) {
    claim();
    holder other(of_host, "other");
    try {
        other.claim();
        FAIL();
    } catch (const configuration_error& e) {
        EXPECT_THAT(e.what(), HasSubstr("held by `console`"));
    }
    console.release();
    other.claim();
    type("hello\r");
    EXPECT_TRUE(other.wait_typed(1));
}

TEST_F(machine_terminal_test, hosts_of_one_process_cannot_share_a_terminal_either) {
    claim();
    machine_terminal of_another_host{{terminal.host(), terminal.host(), terminal.host()}};
    holder other(of_another_host, "other");
    EXPECT_THROW(other.claim(), configuration_error);
    console.release();
    other.claim();
    other.release();
}

/// Standard input is no terminal, and neither is standard output.
class piped_terminal_test : public ::testing::Test {
protected:
    piped_terminal_test() {
        EXPECT_EQ(::pipe2(input, O_CLOEXEC), 0);
        EXPECT_EQ(::pipe2(output, O_CLOEXEC), 0);
        terminal.emplace(machine_terminal::descriptors{input[0], output[1], output[1]});
        console.emplace(*terminal);
    }
    ~piped_terminal_test() override {
        console.reset();
        for (const int each : {input[0], output[0], output[1]}) ::close(each);
        close_input();
    }

    void send(std::string_view bytes) {
        ASSERT_EQ(::write(input[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    }
    void close_input() {
        if (input[1] >= 0) ::close(input[1]);
        input[1] = -1;
    }
    std::string receive(std::size_t count) {
        std::string bytes;
        while (bytes.size() < count) {
            char c = 0;
            if (::read(output[0], &c, 1) != 1) break;
            bytes += c;
        }
        return bytes;
    }

    int input[2];
    int output[2];
    std::optional<machine_terminal> terminal;
    std::optional<holder> console;
};

TEST_F(piped_terminal_test, lines_are_read_as_they_come_and_the_end_is_the_end_of_the_input) {
    console->claim();
    send("one\r\ntw");
    ASSERT_TRUE(console->wait_typed(1));
    EXPECT_THAT(console->typed(), ElementsAre("one"));
    send("o\n\xff\nlast");
    ASSERT_TRUE(console->wait_typed(3));
    close_input();
    ASSERT_TRUE(console->wait_typed(5));
    const auto malformed = "[" + make_error_code(errc::malformed).message() + "]";
    EXPECT_THAT(console->typed(), ElementsAre("one", "two", malformed, "last", end_of_input));
}

TEST_F(piped_terminal_test, what_is_shown_goes_out_as_plain_lines) {
    console->claim();
    console->show("hello");
    console->show("world");
    console->flush();
    EXPECT_EQ(receive(12), "hello\nworld\n");
}

TEST_F(piped_terminal_test, more_lines_than_fit_wait_in_the_pipe) {
    console->claim();
    std::thread writer([&] {
        std::string all;
        for (int i = 0; i < 20'000; ++i) all += std::to_string(i) + "\n";
        send(all);
        close_input();
    });
    ASSERT_TRUE(console->wait_typed(20'001));
    writer.join();
    const auto typed = console->typed();
    for (int i = 0; i < 20'000; ++i) ASSERT_EQ(typed[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(piped_terminal_test, an_output_that_nobody_reads_holds_up_only_who_shows) {
    console->claim();
    const std::string line(1000, 'x');
    for (int i = 0; i < 500; ++i) console->show(line);  // more than pipe and queue take
    send("typed\n");
    EXPECT_TRUE(console->wait_typed(1));
    console->release();
}

TEST_F(piped_terminal_test, what_was_read_ahead_is_there_for_the_next_holder) {
    console->claim();
    send("one\n");
    ASSERT_TRUE(console->wait_typed(1));
    console->release();
    send("two\nthree\n");
    console->claim();
    ASSERT_TRUE(console->wait_typed(3));
    EXPECT_THAT(console->typed(), ElementsAre("one", "two", "three"));
}

TEST(machine_terminal, a_null_device_is_an_input_that_has_ended) {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    {
        machine_terminal terminal{{null, null, null}};
        holder console(terminal);
        console.claim();
        ASSERT_TRUE(console.wait_typed(1));
        EXPECT_THAT(console.typed(), ElementsAre(end_of_input));
        console.show("into the void");
        console.flush();
    }
    ::close(null);
}

}  // namespace
}  // namespace streamhost
