#include "program_stage.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace streamhost::process::test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class program_test : public program_stage {
protected:
    std::vector<pid_t> pids() const {
        std::vector<pid_t> all;
        std::ifstream lines(folder / "pids");
        for (pid_t pid; lines >> pid;) all.push_back(pid);
        return all;
    }
    /// A source of records, linked to the program's input `records`.
    void send_records(std::function<awaitable<void>(module_context&, output<record>)> what,
                      queue_options queue = usual_queue(queue_policy::wait)) {
        seen.source = std::move(what);
        plan.add<scripted_source<record>>("source");
        plan.link("source.out", "program.records", queue);
    }
    static boost::json::object takes(boost::json::object inputs, boost::json::object outputs = {}) {
        return {{"inputs", std::move(inputs)}, {"outputs", std::move(outputs)}};
    }
};

awaitable<void> send_three(module_context&, output<record> to) {
    for (int i = 1; i <= 3; ++i) {
        record one{i};
        co_await to.send(std::move(one));
    }
}

TEST_F(program_test, each_line_of_its_output_is_a_record) {
    add_program(script(R"(echo '{"a": 1}'; echo 7; exec sleep 1000)", {{"outputs", sends()}}));
    note_records();
    enough_records(2);
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre(R"({"a":1})", "7"));
    EXPECT_EQ(metric("messages_received"), 2u);
    EXPECT_EQ(metric("messages_refused"), 0u);
}

TEST_F(program_test, what_arrives_at_its_input_is_a_line_for_it) {
    add_program(script("exec cat", takes({{"records", "record"}}, {{"back", "record"}})));
    send_records(send_three);
    note_records("back");
    enough_records(3);
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1", "2", "3"));
    EXPECT_EQ(metric("messages_written"), 3u);
}

TEST_F(program_test, its_input_ends_with_what_is_upstream_and_then_it_may_end_itself) {
    add_program(script(R"(cat > "$0/all"; echo '"over"')", takes({{"records", "record"}}, {{"back", "record"}})));
    send_records(send_three);
    note_records("back");
    seen.enough = [this] { return metric("messages_written") == 3; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_EQ(streamhost::test::read_file(folder / "all"), "1\n2\n3\n");
    EXPECT_THAT(seen.records, ElementsAre("\"over\"")) << "its last words arrive";
}

TEST_F(program_test, frames_bring_bytes_to_it_and_from_it) {
    auto settings = script("exec cat", takes({{"images", "encoded_image"}}, {{"images", "encoded_image"}}));
    add_program(std::move(settings));
    plan.add<scripted_source<encoded_image>>("camera");
    plan.add<any_sink>("sink");
    plan.link("camera.out", "program.images", usual_queue(queue_policy::wait));
    plan.link("program.images", "sink.messages");
    // More than a pipe holds, with line ends in it.
    const std::vector<std::byte> picture(300'000, std::byte{'\n'});
    seen.camera = [picture](module_context&, output<encoded_image> to) -> awaitable<void> {
        encoded_image image{640, 480, image_codec::jpeg, shared_bytes::adopt(picture)};
        co_await to.send(std::move(image));
    };
    seen.enough = [this] { return !seen.anything.empty(); };
    EXPECT_EQ(run_host(), 0);
    ASSERT_THAT(seen.anything, SizeIs(1));
    const auto& image = *static_cast<const encoded_image*>(seen.anything[0].payload.get());
    EXPECT_EQ(image.width, 640);
    EXPECT_TRUE(std::ranges::equal(image.data.span(), picture));
}

TEST_F(program_test, several_ports_are_told_apart) {
    add_program(script(R"(echo '{"port": "said", "value": "hello"}'; echo '{"port": "records", "value": 5}'; exec sleep 1000)",
                       {{"outputs", {{"records", "record"}, {"said", "text"}}}}));
    plan.add<record_sink>("sink");
    plan.link("program.records", "sink.records");
    plan.link("program.said", "sink.texts");
    seen.enough = [this] { return !seen.records.empty() && !seen.others.empty(); };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("5"));
    EXPECT_THAT(seen.others, ElementsAre("hello"));
}

TEST_F(program_test, an_answer_has_the_times_of_what_it_answers) {
    auto settings = takes({{"records", "record"}}, {{"back", "record"}});
    settings["in_flight"] = 1;
    add_program(script("exec cat", std::move(settings)));
    send_records([](module_context&, output<record> to) -> awaitable<void> {
        message_header older;
        older.steady_ns = 1000;
        older.wall_ns = 2000;
        for (int i = 1; i <= 3; ++i) {
            record one{i};
            older.steady_ns += 1;
            co_await to.send(std::move(one), older);
        }
    });
    note_records("back");
    enough_records(3);
    EXPECT_EQ(run_host(), 0);
    ASSERT_THAT(seen.headers, SizeIs(3));
    EXPECT_EQ(seen.headers[0].steady_ns, 1001);
    EXPECT_EQ(seen.headers[2].steady_ns, 1003);
    EXPECT_EQ(seen.headers[2].wall_ns, 2000);
}

TEST_F(program_test, with_one_in_flight_a_slow_program_gets_the_newest) {
    auto settings = takes({{"records", "record"}}, {{"back", "record"}});
    settings["in_flight"] = 1;
    // It answers the first one only when the last one was sent.
    add_program(script(R"(read a; while ! test -e "$0/go"; do :; done; echo $a; exec cat)", std::move(settings)));
    send_records(
        [this](module_context& host, output<record> to) -> awaitable<void> {
            record first{0};
            co_await to.send(std::move(first));
            while (metric("messages_written") < 1) co_await host.sleep_for(1ms);
            for (int i = 1; i <= 100; ++i) {
                record one{i};
                co_await to.send(std::move(one));
            }
            std::ofstream(folder / "go");
        },
        usual_queue(queue_policy::latest));
    note_records("back");
    enough_records(2);
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("0", "100"));
}

TEST_F(program_test, its_standard_error_goes_to_the_log_escaped) {
    add_program(script(R"(printf 'one\n10%%\r90%%\n\033[2Jtwo\n' >&2; echo 1; exec sleep 1000)", {{"outputs", sends()}}));
    note_records();
    seen.enough = [this] { return std::ranges::any_of(logged, [](const auto& line) { return line.ends_with("two"); }); };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(logged, Contains("says: one"));
    EXPECT_THAT(logged, Contains("says: 90%"));
    EXPECT_THAT(logged, Contains("says: \\x1b[2Jtwo"));
}

TEST_F(program_test, without_outputs_what_it_writes_goes_to_the_log) {
    add_program(script("exec cat", takes({{"records", "record"}})));
    send_records(send_three);
    seen.enough = [this] { return std::ranges::find(logged, "3") != logged.end(); };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(logged, Contains("1"));
}

TEST_F(program_test, an_end_with_status_0_is_an_end) {
    add_program(script("echo 1", {{"outputs", sends()}}), restart_policy::on_failure);
    note_records();
    seen.enough = [this] { return snapshot().instances[0].state == "ended"; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1"));
    EXPECT_THAT(logged, Contains("the program ended with status 0"));
}

TEST_F(program_test, another_end_is_a_failure_with_its_status_and_last_words) {
    add_program(script("echo 'no such camera' >&2; exit 3"));
    seen.enough = [this] { return over(); };
    EXPECT_EQ(run_host(), 1);
    EXPECT_EQ(failure(), "the program ended with status 3; it said last: no such camera");
}

TEST_F(program_test, an_end_by_a_signal_names_it) {
    add_program(script("kill -SEGV $$"));
    seen.enough = [this] { return over(); };
    EXPECT_EQ(run_host(), 1);
    EXPECT_EQ(failure(), "the program ended with status 139 (signal 11)");
}

TEST_F(program_test, the_host_starts_it_again_by_its_policy) {
    // The third one stays: it must not end by itself while the host ends.
    add_program(script(R"sh(echo $$ >> "$0/pids"; echo 1; [ "$(wc -l <"$0/pids")" -lt 3 ] && exit 3; exec sleep 1000)sh",
                       {{"outputs", sends()}}),
                restart_policy::on_failure);
    note_records();
    seen.enough = [this] { return pids().size() >= 3; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_GE(seen.records.size(), 2u);
    EXPECT_GE(after.instances[0].restarts, 2u);
}

TEST_F(program_test, a_program_that_is_not_there_stops_the_start) {
    add_program({{"command", {"detector-of-nobody"}}});
    EXPECT_EQ(run_host(), 1);
    EXPECT_EQ(failure(), "detector-of-nobody: not found in PATH; install it, or give its whole path");
}

TEST_F(program_test, garbage_is_counted_and_what_is_good_arrives) {
    add_program(script(R"(head -c 100000 /dev/urandom; echo; echo hello; head -c 200000 /dev/zero | tr '\0' x; echo;
                          echo 1; printf '{"half": '; exec sleep 1000)",
                       {{"outputs", sends()}}));
    note_records();
    seen.enough = [this] { return std::ranges::find(seen.records, "1") != seen.records.end(); };
    EXPECT_EQ(run_host(), 0);
    EXPECT_GE(metric("messages_refused"), 3u);
}

TEST_F(program_test, half_a_line_at_its_end_is_counted) {
    add_program(script(R"(echo 1; printf 12)", {{"outputs", sends()}}));
    note_records();
    seen.enough = [this] { return snapshot().instances[0].state == "ended"; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1"));
    EXPECT_EQ(metric("messages_refused"), 1u);
}

TEST_F(program_test, frames_that_cannot_be_read_end_it) {
    add_program(script(R"(echo "hello"; echo $$ > "$0/pids"; exec sleep 1000)", {{"outputs", sends("bytes")}}));
    plan.add<any_sink>("sink");
    plan.link("program.records", "sink.messages");
    seen.enough = [this] { return over(); };
    EXPECT_EQ(run_host(), 1);
    EXPECT_THAT(failure(), HasSubstr("what the program writes cannot be read: a line is no JSON"));
    for (const auto pid : pids()) EXPECT_NE(::kill(pid, 0), 0);
}

TEST_F(program_test, a_flood_waits_in_the_program_s_own_pipe) {
    auto settings = script("exec yes 1", {{"outputs", sends()}});
    settings["max_rate"] = 50;
    add_program(std::move(settings));
    note_records();
    seen.enough = [this] { return metric("times_held_back") >= 3; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_LT(metric("messages_received"), 1000u) << "yes(1) writes millions in a second";
}

TEST_F(program_test, a_flood_without_a_line_end_waits_too) {
    auto settings = script("exec cat /dev/zero", {{"outputs", sends()}});
    settings["max_byte_rate"] = 256 * 1024;
    add_program(std::move(settings));
    note_records();
    seen.enough = [this] { return metric("times_held_back") >= 2; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, IsEmpty());
}

TEST_F(program_test, a_flood_on_its_standard_error_hurts_nobody) {
    add_program(script("echo 1; exec yes complaint >&2", {{"outputs", sends()}}));
    note_records();
    seen.enough = [this] { return metric("times_held_back") >= 1; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1"));
}

TEST_F(program_test, one_that_reads_nothing_holds_nobody_up_and_is_named) {
    add_program<impatient_program>(script("exec sleep 1000", takes({{"records", "record"}})));
    bool sent = false;
    send_records(
        [&sent](module_context&, output<record> to) -> awaitable<void> {
            for (int i = 0; i < 100; ++i) {
                record large{boost::json::value(std::string(100'000, 'x'))};
                co_await to.send(std::move(large));
            }
            sent = true;
        },
        usual_queue(queue_policy::latest));
    seen.enough = [&] { return sent && condition() == "the program has not taken a message for 0.02 s"; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_LT(metric("messages_written"), 100u);
}

TEST_F(program_test, one_that_does_not_answer_is_named) {
    auto settings = takes({{"records", "record"}}, {{"back", "record"}});
    settings["in_flight"] = 1;
    add_program<impatient_program>(script("cat >/dev/null; echo 1", std::move(settings)));
    send_records(send_three);
    note_records("back");
    seen.enough = [&] { return condition() == "the program has not answered for 0.02 s"; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_EQ(metric("messages_written"), 1u);
}

TEST_F(program_test, one_that_closes_its_input_and_stays_goes_on) {
    add_program(script("exec 0<&-; echo 1; exec sleep 1000", takes({{"records", "record"}}, {{"back", "record"}})));
    send_records([this](module_context& host, output<record> to) -> awaitable<void> {
        while (seen.records.empty()) co_await host.sleep_for(std::chrono::milliseconds(1));  // it has closed it by then
        co_await send_three(host, to);
    });
    note_records("back");
    seen.enough = [this] { return metric("messages_unread") == 3; };
    EXPECT_EQ(run_host(), 0);
    EXPECT_EQ(metric("messages_written"), 0u);
}

TEST_F(program_test, it_has_none_of_the_host_s_descriptors) {
    const int leaky = ::open("/dev/null", O_RDONLY);  // deliberately without O_CLOEXEC
    std::vector<std::string> descriptors;
    add_program(script(R"(echo $$; exec cat)", takes({{"records", "record"}}, {{"back", "record"}})));
    send_records(send_three);
    note_records("back");
    seen.enough = [&] {
        if (seen.records.size() < 4) return false;
        for (const auto& entry : fs::directory_iterator("/proc/" + seen.records[0] + "/fd")) {
            descriptors.push_back(entry.path().filename());
        }
        return true;
    };
    EXPECT_EQ(run_host(), 0);
    std::ranges::sort(descriptors);
    EXPECT_THAT(descriptors, ElementsAre("0", "1", "2"));
    ::close(leaky);
}

TEST_F(program_test, neither_it_nor_what_it_started_outlives_the_host) {
    // It listens neither to the end of its input nor to SIGTERM.
    auto settings = takes({{"records", "record"}}, {{"back", "record"}});
    settings["grace"] = 50;
    add_program(script(R"(trap '' TERM; sleep 1000 & echo $$ $! > "$0/pids"; echo 1; while :; do sleep 1000; done)",
                       std::move(settings)));
    send_records(send_three);
    note_records("back");
    enough_records(1);
    std::vector<int> handles;
    seen.enough = [&] {
        if (seen.records.empty()) return false;
        for (const auto pid : pids()) handles.push_back(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        return true;
    };
    EXPECT_EQ(run_host(), 0);
    ASSERT_THAT(handles, SizeIs(2));
    for (const int handle : handles) {
        pollfd entry{handle, POLLIN, 0};
        EXPECT_EQ(::poll(&entry, 1, 30'000), 1);
        ::close(handle);
    }
}

TEST_F(program_test, what_escapes_from_an_ended_program_does_not_hold_it) {
    add_program(script(R"(setsid sh -c 'echo $$ >> "$0/pids"; exec sleep 1000' "$0" & while ! test -s "$0/pids"; do :; done; exit 4)",
                       takes({{"records", "record"}}, {{"back", "record"}})));
    send_records(send_three);
    note_records("back");
    seen.enough = [this] { return over(); };
    EXPECT_EQ(run_host(), 1);
    EXPECT_EQ(failure(), "the program ended with status 4");
    for (const auto pid : pids()) ::kill(pid, SIGKILL);
}

}  // namespace
}  // namespace streamhost::process::test
