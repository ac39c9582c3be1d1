#include "runtime/machine_world.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/stage.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <optional>
#include <thread>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::scripted;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Hosts on the machine as it is: threads, kernel timers, programs.
class machine_test : public test::stage {
public:
    int run_here(std::function<void()> ready = {}) {
        host.emplace(graph.plan(), machine);
        return host->run(ready);
    }
    /// One instance that does this and ends; never a second life.
    void run_alone(std::function<awaitable<void>(scripted&)> work) {
        add("a", {.run = std::move(work)}).restart.policy = restart_policy::never;
        EXPECT_EQ(run_here(), 0) << instance("a").failure;
    }

    bool has_logged(std::string_view part) const {
        return std::ranges::any_of(logged(), [&](const auto& line) { return line.find(part) != line.npos; });
    }

    static awaitable<std::string> read_all(stream& from) {
        std::string text;
        std::array<std::byte, 4096> buffer;
        for (;;) {
            const auto count = co_await from.read_some(buffer);
            if (!count) break;
            text.append(reinterpret_cast<const char*>(buffer.data()), *count);
        }
        co_return text;
    }
    static result<child_process> start(scripted& self, std::string script, child_input with = child_input::empty) {
        return self.host.children().start({"sh", "-c", std::move(script)}, with);
    }
    /// Blocks until the process has ended; it need not be a child of this one.
    static void await_end_of(int pid) {
        const int handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        if (handle < 0) return;
        pollfd entry{handle, POLLIN, 0};
        ::poll(&entry, 1, -1);
        ::close(handle);
    }

    machine_world machine;
};

TEST_F(machine_test, messages_cross_real_lanes_and_a_drain_from_another_thread_ends_them_in_order) {
    add("source", {.run = [](scripted& self) -> awaitable<void> {
            auto beat = self.host.every(1ms);
            for (int i = 1;; ++i) {
                const bool go_on = co_await beat.next();
                if (!go_on) break;
                co_await self.send(std::to_string(i));
            }
        }}, "left");
    add("middle", {.run = test::scripts::passes}, "middle");
    add("sink", {.run = test::scripts::notes}, "right");
    link("source", "middle");
    link("middle", "sink");
    std::thread stopper;
    EXPECT_EQ(run_here([&] {
        stopper = std::thread([this] {
            while (host->snapshot().links.at(1).delivered < 20) std::this_thread::yield();
            host->stop_host("test");
        });
    }), 0);
    stopper.join();
    const auto links = host->snapshot().links;
    EXPECT_EQ(links[0].accepted, links[1].delivered);
    ASSERT_GE(notes.size(), 22u);
    for (std::size_t i = 0; i < links[1].delivered; ++i) EXPECT_EQ(std::erase(notes, "sink: " + std::to_string(i + 1)), 1u);
    EXPECT_THAT(notes, ElementsAre("middle ends", "sink ends"));
}

TEST_F(machine_test, an_instance_restarts_on_its_lane) {
    add("flaky", {.run = [](scripted& self) -> awaitable<void> {
            if (self.life == 1) throw std::runtime_error("over");
            self.at.note("second life");
            co_return;
        }});
    EXPECT_EQ(run_here(), 0);
    EXPECT_THAT(notes, ElementsAre("second life"));
}

TEST_F(machine_test, blocking_runs_on_other_threads_and_several_at_once) {
    run_alone([](scripted& self) -> awaitable<void> {
        const auto own = std::this_thread::get_id();
        const auto other = co_await self.host.blocking([] { return std::this_thread::get_id(); });
        EXPECT_NE(own, other);
        EXPECT_EQ(own, std::this_thread::get_id()) << "the coroutine stays on its lane";
        // Two that wait for each other can only end side by side.
        static std::atomic<int> met;
        met = 0;
        for (int i = 0; i < 2; ++i) {
            self.host.spawn([](scripted& me) -> awaitable<void> {
                co_await me.host.blocking([] {
                    ++met;
                    while (met < 2) std::this_thread::yield();
                });
            }(self));
        }
    });
}

TEST_F(machine_test, blocking_hands_on_what_the_work_throws) {
    run_alone([](scripted& self) -> awaitable<void> {
        try {
            co_await self.host.blocking([] { throw std::runtime_error("the disk is full"); });
        } catch (const std::runtime_error& e) {
            self.at.note(e.what());
        }
    });
    EXPECT_THAT(notes, ElementsAre("the disk is full"));
}

TEST_F(machine_test, many_short_jobs_end_with_their_host) {
    // The last job's thread is still on its way out when the host has nothing left to do.
    for (int round = 0; round < 50; ++round) {
        graph = test::plan_builder();
        run_alone([](scripted& self) -> awaitable<void> {
            for (int i = 0; i < 5; ++i) co_await self.host.blocking([] {});
        });
        host.reset();
    }
}

TEST_F(machine_test, on_main_runs_on_the_thread_that_runs_the_host) {
    static std::thread::id seen;
    run_alone([](scripted& self) -> awaitable<void> {
        self.host.on_main([] { seen = std::this_thread::get_id(); });
        co_return;
    });
    EXPECT_EQ(seen, std::this_thread::get_id());
}

TEST_F(machine_test, a_name_that_cannot_be_resolved_fails_a_listener_and_is_a_result_of_a_dial) {
    // Longer than a label may be: no server has to be asked.
    const auto name = std::string(70, 'x') + ":1";
    static std::string address;
    address = name;
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            const auto session = co_await self.host.network().dial(address);
            EXPECT_FALSE(session);
        }});
    EXPECT_EQ(run_here(), 0);
    graph = test::plan_builder();
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            const auto door = co_await self.host.network().listen(address);
        }});
    EXPECT_EQ(run_here(), 1);
    EXPECT_THAT(instance("server").failure, StartsWith("cannot listen on " + name + ": "));
}

TEST_F(machine_test, a_name_is_resolved_for_a_listener_and_for_a_dial) {
    static std::string bound;
    add("server", {.prepare = [](scripted& self) -> awaitable<void> {
            auto door = co_await self.host.network().listen("localhost:0");
            bound = "localhost:" + std::to_string(door.local().port);
            self.host.spawn([](scripted& me, listener at) -> awaitable<void> {
                auto session = co_await at.accept();
                me.at.note(session ? "accepted" : session.error().message());
            }(self, std::move(door)));
        }});
    add("client", {.run = [](scripted& self) -> awaitable<void> {
            const auto session = co_await self.host.network().dial(bound);
            self.at.note(session ? "connected" : session.error().message());
        }});
    EXPECT_EQ(run_here(), 0);
    EXPECT_THAT(notes, ::testing::UnorderedElementsAre("accepted", "connected"));
}

// ---- the watchdog ----

TEST_F(machine_test, the_watchdog_names_who_blocks_a_lane) {
    add("glutton", {.run = [](scripted& self) -> awaitable<void> {
            auto& at = static_cast<machine_test&>(self.at);
            // Keeps the lane for as long as it takes to be noticed.
            while (!at.has_logged("blocks lane")) {
            }
            while (!at.has_logged("gave lane")) co_await self.host.sleep_for(1ms);
        }}, "busy");
    add("neighbour", {.run = [](scripted& self) -> awaitable<void> { co_await self.host.sleep_for(1ms); }}, "busy");
    EXPECT_EQ(run_here(), 0);
    EXPECT_THAT(logged(), Contains(StartsWith("warn watchdog: glutton: blocks lane `busy` for ")));
    EXPECT_THAT(logged(), Contains(StartsWith("warn watchdog: glutton: gave lane `busy` back after ")));
    EXPECT_FALSE(has_logged("neighbour: blocks"));
}

TEST_F(machine_test, the_watchdog_tells_afterwards_who_took_too_long_between_two_looks) {
    add("glutton", {.run = [](scripted& self) -> awaitable<void> {
            auto& at = static_cast<machine_test&>(self.at);
            while (!at.has_logged("kept lane")) {
                const auto until = self.host.clock().now() + 51ms;
                while (self.host.clock().now() < until) {
                }
                co_await self.host.sleep_for(1ms);
            }
        }}, "busy");
    EXPECT_EQ(run_here(), 0);
    EXPECT_THAT(logged(), Contains(StartsWith("warn watchdog: glutton: kept lane `busy` for ")));
}

TEST_F(machine_test, the_watchdog_shows_the_stack_of_a_lane_that_stays_blocked) {
    add("glutton", {.run = [](scripted& self) -> awaitable<void> {
            auto& at = static_cast<machine_test&>(self.at);
            while (!at.has_logged("still blocks lane")) {
            }
            co_return;
        }});
    EXPECT_EQ(run_here(), 0);
    EXPECT_THAT(logged(), Contains(StartsWith("error watchdog: glutton: still blocks lane `default` after ")));
}

// ---- serial ports ----

TEST_F(machine_test, a_serial_port_gives_and_takes_raw_bytes) {
    static const test::pseudo_terminal line;
    run_alone([](scripted& self) -> awaitable<void> {
        auto port = co_await self.host.open_serial(line.path(), 9600);
        EXPECT_TRUE(port);
        const auto mode = line.mode();
        EXPECT_EQ(::cfgetispeed(&mode), speed_t{B9600});
        EXPECT_EQ(mode.c_lflag & (ICANON | ECHO | ISIG), tcflag_t{0});
        EXPECT_EQ(::write(line.user(), "a\r\x03", 3), 3);
        std::array<std::byte, 3> got;
        const auto read = co_await port->read(got);
        EXPECT_TRUE(read);
        EXPECT_EQ(got[1], std::byte{'\r'});
        EXPECT_EQ(got[2], std::byte{3});
        const std::string_view words("b\n");
        const auto written = co_await port->write(asio::buffer(words));
        EXPECT_TRUE(written);
        char there[2];
        EXPECT_EQ(::read(line.user(), there, 2), 2);
        EXPECT_EQ(std::string_view(there, 2), "b\n");
    });
}

TEST_F(machine_test, a_serial_port_has_one_reader) {
    static const test::pseudo_terminal line;
    run_alone([](scripted& self) -> awaitable<void> {
        auto first = co_await self.host.open_serial(line.path(), 9600);
        EXPECT_TRUE(first);
        const auto second = co_await self.host.open_serial(line.path(), 9600);
        EXPECT_EQ(second.error().value(), EBUSY);
        *first = {};
        const auto third = co_await self.host.open_serial(line.path(), 9600);
        EXPECT_TRUE(third);
    });
}

TEST_F(machine_test, a_serial_port_that_is_none_is_an_error) {
    run_alone([](scripted& self) -> awaitable<void> {
        const auto away = co_await self.host.open_serial("/dev/there-is-no-such-port", 9600);
        EXPECT_EQ(away.error().value(), ENOENT);
        const auto none = co_await self.host.open_serial("/dev/null", 9600);
        EXPECT_EQ(none.error().value(), ENOTTY);
        const auto speed = co_await self.host.open_serial("/dev/null", 9601);
        EXPECT_EQ(speed.error().value(), EINVAL);
    });
}

TEST_F(machine_test, reading_a_serial_port_ends_when_the_device_goes) {
    static std::optional<test::pseudo_terminal> line;
    line.emplace();
    run_alone([](scripted& self) -> awaitable<void> {
        auto port = co_await self.host.open_serial(line->path(), 9600);
        EXPECT_TRUE(port);
        line->hang_up();
        std::array<std::byte, 16> buffer;
        const auto count = co_await port->read_some(buffer);
        EXPECT_FALSE(count);
    });
    line.reset();
}

// ---- children ----

TEST_F(machine_test, a_childs_output_errors_and_status_arrive) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "echo to the output; echo one >&2; printf '10 %%\\r20 %%\\rtwo\\r\\n' >&2; exit 3");
        EXPECT_TRUE(child);
        const auto text = co_await read_all(child->output());
        EXPECT_EQ(text, "to the output\n");
        const auto one = co_await child->error_line();
        const auto two = co_await child->error_line();
        const auto end = co_await child->error_line();
        EXPECT_EQ(*one, "one");
        EXPECT_EQ(*two, "two");
        EXPECT_EQ(end.error(), errc::end_of_stream);
        const int status = co_await child->wait();
        EXPECT_EQ(status, 3);
        const int again = co_await child->wait();
        EXPECT_EQ(again, 3);
    });
}

TEST_F(machine_test, a_child_in_python_holds_nothing_back) {
    const char* const before = std::getenv("PYTHONUNBUFFERED");
    const auto kept = before == nullptr ? std::optional<std::string>() : std::string(before);
    ::unsetenv("PYTHONUNBUFFERED");
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "echo \"$PYTHONUNBUFFERED\"");
        EXPECT_TRUE(child);
        const auto text = co_await read_all(child->output());
        EXPECT_EQ(text, "1\n");
    });
    if (kept) ::setenv("PYTHONUNBUFFERED", kept->c_str(), 1);
}

TEST_F(machine_test, a_child_reads_what_is_written_to_its_input_until_that_is_closed) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "cat; echo over", child_input::pipe);
        EXPECT_TRUE(child);
        const std::string large(300'000, 'x');  // more than a pipe holds
        const std::string_view words("some words ");
        const std::array<asio::const_buffer, 2> pieces{asio::buffer(words), asio::buffer(large)};
        self.host.spawn([](child_process& to, std::span<const asio::const_buffer> all) -> awaitable<void> {
            const auto written = co_await to.input().write(all);
            EXPECT_TRUE(written);
            to.input().close();
        }(*child, pieces));
        const auto text = co_await read_all(child->output());
        EXPECT_EQ(text, "some words " + large + "over\n");
        const int status = co_await child->wait();
        EXPECT_EQ(status, 0);
    });
}

TEST_F(machine_test, writing_to_a_child_that_has_closed_its_input_is_an_error) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "exec 0<&-; echo closed; exec sleep 1000", child_input::pipe);
        std::array<std::byte, 16> said;
        const auto count = co_await child->output().read_some(said);
        EXPECT_TRUE(count);
        const std::string_view words("nobody reads this");
        const auto written = co_await child->input().write(asio::buffer(words));
        EXPECT_EQ(written.error().value(), EPIPE);
        co_await child->stop(10s);
    });
}

TEST_F(machine_test, a_child_with_an_input_has_no_other_descriptor) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "ls /proc/self/fd", child_input::pipe);
        const auto text = co_await read_all(child->output());
        EXPECT_EQ(text, "0\n1\n2\n3\n");  // 3 is the listing's own
        co_await child->wait();
    });
}

TEST_F(machine_test, a_program_that_does_not_exist_is_a_result) {
    run_alone([](scripted& self) -> awaitable<void> {
        const std::vector<std::string> command{"there-is-no-such-program"};
        const auto child = self.host.children().start(command);
        EXPECT_FALSE(child);
        EXPECT_EQ(child.error().value(), ENOENT);
        co_return;
    });
}

TEST_F(machine_test, a_child_gets_no_descriptor_of_the_host_and_an_empty_input) {
    const int leaking = ::open("/dev/null", O_RDONLY);  // not closed on exec, as in a vendor's library
    ASSERT_GE(leaking, 0);
    run_alone([](scripted& self) -> awaitable<void> {
        auto door = co_await self.host.network().listen("127.0.0.1:0");
        auto client = co_await self.host.network().dial(door.local().to_string());
        auto server = co_await door.accept();
        EXPECT_TRUE(server);
        // 3 is the listing's own.
        auto child = start(self, "ls /proc/self/fd; cat; echo over");
        const auto text = co_await read_all(child->output());
        EXPECT_EQ(text, "0\n1\n2\n3\nover\n");
        co_await child->wait();
    });
    ::close(leaking);
}

TEST_F(machine_test, a_child_has_the_usual_signals) {
    ::signal(SIGPIPE, SIG_IGN);
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "kill -PIPE $$; echo alive");
        const int status = co_await child->wait();
        EXPECT_EQ(status, 128 + SIGPIPE);
    });
}

TEST_F(machine_test, a_line_of_errors_is_cut_at_a_kibibyte) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "head -c 2500 /dev/zero | tr '\\0' x >&2; echo >&2; head -c 1024 /dev/zero | tr '\\0' y >&2; "
                                 "echo >&2; printf rest >&2");
        std::vector<std::size_t> lengths;
        std::string last;
        for (;;) {
            const auto line = co_await child->error_line();
            if (!line) break;
            lengths.push_back(line->size());
            last = *line;
        }
        EXPECT_THAT(lengths, ElementsAre(1024, 1024, 452, 1024, 4));
        EXPECT_EQ(last, "rest");
        co_await child->wait();
    });
}

TEST_F(machine_test, reading_from_a_silent_child_times_out) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "exec sleep 1000");
        std::array<std::byte, 8> buffer;
        const auto count = co_await child->output().read_some(buffer, 10ms);
        EXPECT_EQ(count.error(), errc::timed_out);
        const int status = co_await child->stop(10s);
        EXPECT_EQ(status, 128 + SIGTERM);
        const int again = co_await child->stop(10s);
        EXPECT_EQ(again, 128 + SIGTERM);
    });
}

TEST_F(machine_test, a_child_that_does_not_listen_is_killed_with_all_that_it_started) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000");
        std::array<std::byte, 32> buffer;
        const auto count = co_await child->output().read_some(buffer);
        const int grandchild = std::atoi(std::string(reinterpret_cast<const char*>(buffer.data()), *count).c_str());
        EXPECT_GT(grandchild, 0);
        const int status = co_await child->stop(20ms);
        EXPECT_EQ(status, 128 + SIGKILL);
        await_end_of(grandchild);
    });
}

TEST_F(machine_test, what_a_child_leaves_behind_ends_with_it) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "sleep 1000 > /dev/null 2>&1 & echo $!");
        const auto text = co_await read_all(child->output());
        const int grandchild = std::atoi(text.c_str());
        EXPECT_GT(grandchild, 0);
        const int status = co_await child->wait();
        EXPECT_EQ(status, 0);
        await_end_of(grandchild);
    });
}

TEST_F(machine_test, a_child_ends_with_the_object_that_stands_for_it) {
    static int pid;
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = start(self, "exec sleep 1000");
        pid = child->pid();
        EXPECT_EQ(::kill(pid, 0), 0);
        co_return;
    });
    EXPECT_EQ(::kill(pid, 0), -1);
    EXPECT_EQ(errno, ESRCH);
}

TEST_F(machine_test, two_coroutines_may_wait_for_one_child) {
    run_alone([](scripted& self) -> awaitable<void> {
        auto child = std::make_shared<child_process>(std::move(*start(self, "exec sleep 1000")));
        self.host.spawn([](scripted& me, std::shared_ptr<child_process> one) -> awaitable<void> {
            const int status = co_await one->wait();
            me.at.note("wait: " + std::to_string(status));
        }(self, child));
        co_await asio::post(use_awaitable);
        co_await asio::post(use_awaitable);
        const int status = co_await child->stop(10s);
        self.at.note("stop: " + std::to_string(status));
    });
    EXPECT_THAT(notes, ::testing::UnorderedElementsAre("wait: 143", "stop: 143"));
}

}  // namespace
}  // namespace streamhost
