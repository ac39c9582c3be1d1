#include "command_source.hpp"

#include "jpeg_header.hpp"
#include "observe/log_tap.hpp"
#include "runtime/machine_world.hpp"
#include "sample_pictures.hpp"
#include "support/simulated_host.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

namespace streamhost::video {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using test::byte_vector;
using streamhost::test::plan_builder;
namespace fs = std::filesystem;

/// What the modules of one test share with it; on one lane.
struct notes {
    std::vector<byte_vector> pictures;
    std::vector<std::pair<int, int>> sizes;
    std::function<void()> on_picture = [] {};
    std::function<bool()> enough = [] { return false; };
};
notes* current = nullptr;

class picture_sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<picture_sink>("test.pictures", "notes pictures").input<encoded_image>("images", "any");
    }
    explicit picture_sink(module_context& host) : images_(host.input<encoded_image>("images")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto image = co_await images_.next();
            if (!image) break;
            const auto bytes = image->data.span();
            current->pictures.emplace_back(bytes.begin(), bytes.end());
            current->sizes.emplace_back(image->width, image->height);
            current->on_picture();
        }
    }

private:
    input<encoded_image> images_;
};

/// Ends the host as soon as the test has seen enough.
class observer final : public module {
public:
    static module_info describe() { return streamhost::describe<observer>("test.observer", "looks on"); }
    explicit observer(module_context& host) : host_(host) {}

    awaitable<void> run() override {
        auto beat = host_.every(5ms);
        for (int looks = 0; looks < 6000; ++looks) {
            const bool go_on = co_await beat.next();
            if (!go_on) co_return;
            if (current->enough()) {
                host_.stop_host("the test has seen enough");
                co_return;
            }
        }
        ADD_FAILURE() << "what the test waits for did not come";
        host_.stop_host("the test gives up");
    }

private:
    module_context& host_;
};

/// The module with less patience.
class impatient_command final : public module {
public:
    static module_info describe() {
        return streamhost::describe<impatient_command, command_source_settings>("test.command", "a program's pictures")
            .setting("command", &command_source_settings::command, "the program").required()
            .output<encoded_image>("images", "its pictures");
    }
    impatient_command(module_context& host, command_source_settings chosen) : inner_(host, std::move(chosen), 20ms) {}

    awaitable<void> prepare() override { return inner_.prepare(); }
    awaitable<void> run() override { return inner_.run(); }

private:
    command_source inner_;
};

/// A process by its descriptor, so that its end can be awaited without a guess.
class process_handle {
public:
    explicit process_handle(pid_t process)
        : handle_(static_cast<int>(::syscall(SYS_pidfd_open, process, 0))) {}
    ~process_handle() { ::close(handle_); }
    process_handle(const process_handle&) = delete;

    bool has_ended(std::chrono::milliseconds within = 0ms) const {
        ::pollfd entry{handle_, POLLIN, 0};
        return ::poll(&entry, 1, static_cast<int>(within.count())) == 1;
    }

private:
    int handle_;
};

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

class command_source_test : public ::testing::Test {
protected:
    command_source_test() : folder_(fs::path(::testing::TempDir()) / fmt::format("command-{}", ::getpid())) {
        fs::create_directories(folder_);
        current = &seen;
    }
    ~command_source_test() override { fs::remove_all(folder_); }

    std::string file(const std::string& name) const { return folder_ / name; }

    std::string write(const std::string& name, const byte_vector& content) const {
        std::ofstream(file(name), std::ios::binary)
            .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
        return file(name);
    }

    std::vector<pid_t> pids_in(const std::string& name) const {
        std::vector<pid_t> pids;
        std::ifstream lines(file(name));
        for (pid_t pid; lines >> pid;) pids.push_back(pid);
        return pids;
    }

    template <class Module = command_source>
    static plan_builder plan_of(const std::vector<std::string>& command) {
        plan_builder plan;
        plan.add<Module>("source", {{"command", boost::json::array(command.begin(), command.end())}});
        plan.add<picture_sink>("sink");
        plan.add<observer>("observer");
        plan.link("source.images", "sink.images", usual_queue(queue_policy::wait));
        return plan;
    }

    /// Runs the command, a shell script, until `enough`. Its folder is `$0`.
    template <class Module = command_source>
    void run_script(const std::string& script) {
        run<Module>({"/bin/sh", "-c", script, folder_.string()});
    }

    template <class Module = command_source>
    void run(const std::vector<std::string>& command) {
        const auto before = open_descriptors();
        {
            machine_world world;
            host_runtime host(plan_of<Module>(command).plan(), world);
            host_ = &host;
            status = host.run({});
            after = host.snapshot();
            host_ = nullptr;
        }
        EXPECT_EQ(open_descriptors(), before + processes.size());
    }

    std::string condition() const { return host_->snapshot().instances[0].condition; }

    std::uint64_t metric(const std::string& name) const {
        const auto snapshot = host_ != nullptr ? host_->snapshot() : after;
        for (const auto& each : snapshot.instances[0].metrics) {
            if (each.name == name) return each.value;
        }
        ADD_FAILURE() << "no metric " << name;
        return 0;
    }

    void enough_pictures(std::size_t count) {
        seen.enough = [this, count] { return seen.pictures.size() >= count; };
    }

    const byte_vector one = test::jpeg_of(test::gradient(48, 32));
    const byte_vector two = test::jpeg_of(test::noise(40, 24), 90);
    const byte_vector three = test::jpeg_of(test::noise(33, 17), 80, test::jpeg_kind::progressive);
    notes seen;
    std::vector<std::string> logged;  // by the one lane, while it runs
    log_tap tap{[this](log_level, std::string_view name, std::string_view line) {
        if (name == "source") logged.emplace_back(line);
    }};
    std::vector<std::unique_ptr<process_handle>> processes;
    host_snapshot after;
    int status = -1;

private:
    fs::path folder_;
    host_runtime* host_ = nullptr;
};

TEST_F(command_source_test, pictures_pass_byte_for_byte) {
    write("1", one);
    write("2", two);
    write("3", three);
    enough_pictures(3);
    run_script(R"(cd "$0"; cat 1; printf 'no picture'; cat 2; cat 3; exec sleep 1000)");
    EXPECT_EQ(status, 0);
    EXPECT_THAT(seen.pictures, ElementsAre(one, two, three));
    EXPECT_THAT(seen.sizes, ElementsAre(std::pair(48, 32), std::pair(40, 24), std::pair(33, 17)));
    EXPECT_EQ(metric("pictures_received"), 3u);
    EXPECT_EQ(metric("bytes_skipped"), 10u);
    EXPECT_EQ(metric("pictures_refused"), 0u);
}

TEST_F(command_source_test, a_real_encoder_s_pictures_pass_byte_for_byte) {
    if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "there is no ffmpeg here";
    enough_pictures(30);
    run_script(R"(ffmpeg -loglevel error -f lavfi -i testsrc=size=320x240:rate=30 -frames:v 30 -c:v mjpeg -f mjpeg - |
                  tee -a "$0/all")");
    ASSERT_GE(seen.pictures.size(), 30u);
    byte_vector joined;
    for (std::size_t i = 0; i < 30; ++i) {
        EXPECT_EQ(seen.sizes[i], std::pair(320, 240));
        joined.insert(joined.end(), seen.pictures[i].begin(), seen.pictures[i].end());
    }
    std::ifstream written(file("all"), std::ios::binary);
    std::string expected(joined.size(), '\0');
    written.read(expected.data(), static_cast<std::streamsize>(expected.size()));
    EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(expected)), joined));
    EXPECT_EQ(metric("bytes_skipped"), 0u);
}

TEST_F(command_source_test, a_live_encoder_ends_with_the_host) {
    if (std::system("command -v ffmpeg >/dev/null") != 0) GTEST_SKIP() << "there is no ffmpeg here";
    enough_pictures(5);
    run({"ffmpeg", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=30", "-c:v", "mjpeg",
         "-f", "mjpeg", "-"});
    EXPECT_EQ(status, 0);
    EXPECT_GE(seen.pictures.size(), 5u);
}

TEST_F(command_source_test, a_picture_beyond_the_limits_is_dropped_and_counted) {
    write("1", one);
    write("huge", test::claiming_size(two, 65500, 16000));
    const auto cut = test::find_marker(two, 0xDA) + 50;  // in the compressed data
    write("cut", byte_vector(two.begin(), two.begin() + static_cast<std::ptrdiff_t>(cut)));
    enough_pictures(2);
    run_script(R"(cd "$0"; cat huge; cat 1; cat cut; cat 1; exec sleep 1000)");
    EXPECT_THAT(seen.pictures, ElementsAre(one, one));
    EXPECT_EQ(metric("pictures_refused"), 1u);
    EXPECT_EQ(metric("bytes_skipped"), cut);
}

TEST_F(command_source_test, a_program_that_ends_is_started_again_and_its_status_shown) {
    seen.enough = [this] {
        return metric("program_starts") >= 3 && condition() == "the program ended with status 3; starting it again";
    };
    run_script("exit 3");
    EXPECT_EQ(status, 0) << "a program that ends is a state, not a failure";
}

TEST_F(command_source_test, a_program_that_ends_again_and_again_says_so_each_time) {
    const auto ends = [&] { return std::ranges::count(logged, "the program ended with status 3; starting it again"); };
    seen.enough = [&] { return ends() >= 3; };
    run_script("exit 3");
}

TEST_F(command_source_test, what_is_no_picture_is_named) {
    seen.enough = [this] {
        return condition() == "the program ended with status 0, having written 13 bytes that are no JPEG picture; "
                              "starting it again";
    };
    run_script("printf 'frame=1 fps=9'");
}

TEST_F(command_source_test, nobody_learns_the_password_of_a_url) {
    seen.enough = [this] { return metric("program_starts") >= 1; };
    run_script("exec sleep 1000 # ffmpeg -i rtsp://admin:sesame@robot/stream?token=sesame -f mjpeg");
    EXPECT_THAT(logged, ::testing::Contains(HasSubstr("rtsp://robot/stream -f mjpeg")));
    EXPECT_THAT(logged, ::testing::Each(::testing::Not(HasSubstr("sesame"))));
}

TEST_F(command_source_test, a_program_that_was_killed_is_started_again) {
    write("1", one);
    seen.on_picture = [this] {
        if (seen.pictures.size() == 1) ::kill(pids_in("pids").at(0), SIGKILL);
    };
    seen.enough = [this] {
        // The next life waits until its predecessor's end was seen.
        if (condition() == "the program ended with status 137 (signal 9); starting it again") std::ofstream(file("go"));
        return seen.pictures.size() >= 2 && condition().empty();
    };
    run_script(R"(cd "$0"; test -e pids && while ! test -e go; do :; done; echo $$ >> pids; cat 1; exec sleep 1000)");
    EXPECT_THAT(seen.pictures, ElementsAre(one, one));
    EXPECT_THAT(pids_in("pids"), SizeIs(2));
}

TEST_F(command_source_test, the_last_pictures_of_a_program_that_ends_arrive) {
    write("1", one);
    write("2", two);
    enough_pictures(20);
    run_script(R"(cd "$0"; for i in 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1; do cat 1; done; cat 2; exit 0)");
    ASSERT_GE(seen.pictures.size(), 20u);
    EXPECT_EQ(seen.pictures[19], two);
}

TEST_F(command_source_test, the_program_has_none_of_the_host_s_descriptors) {
    write("1", one);
    const int leaky = ::open("/dev/null", O_RDONLY);  // deliberately without O_CLOEXEC
    std::vector<std::string> descriptors;
    seen.on_picture = [&] {
        for (const auto& entry : fs::directory_iterator(fmt::format("/proc/{}/fd", pids_in("pids").at(0))))
            descriptors.push_back(entry.path().filename());
    };
    enough_pictures(1);
    run_script(R"(cd "$0"; echo $$ > pids; cat 1; exec sleep 1000)");
    std::ranges::sort(descriptors);
    EXPECT_THAT(descriptors, ElementsAre("0", "1", "2"));
    ::close(leaky);
}

TEST_F(command_source_test, neither_the_program_nor_what_it_started_outlives_the_host) {
    write("1", one);
    seen.on_picture = [this] {
        for (const auto pid : pids_in("pids")) processes.push_back(std::make_unique<process_handle>(pid));
    };
    enough_pictures(1);
    // It does not listen to SIGTERM either.
    run_script(R"(cd "$0"; trap '' TERM; echo $$ > pids; sleep 1000 & echo $! >> pids; cat 1; while :; do sleep 1000; done)");
    EXPECT_EQ(status, 0);
    ASSERT_THAT(processes, SizeIs(2));
    for (const auto& process : processes) EXPECT_TRUE(process->has_ended(5s));
}

TEST_F(command_source_test, what_escapes_from_an_ended_program_does_not_hold_its_readers) {
    write("1", one);
    // The second process leaves the program's group and keeps its output and its standard error open.
    seen.enough = [this] { return metric("program_starts") >= 2 && seen.pictures.size() >= 2; };
    run_script(R"(cd "$0"; cat 1; setsid sh -c 'echo $$ >> pids; exec sleep 1000' &
                  while ! test -s pids; do :; done; exit 0)");
    EXPECT_EQ(status, 0);
    for (const auto pid : pids_in("pids")) ::kill(pid, SIGKILL);
}

TEST_F(command_source_test, a_program_that_closes_its_output_and_stays_is_ended) {
    seen.enough = [this] {
        return condition() == "the program ended with status 143 (signal 15); starting it again";
    };
    run_script("exec sleep 1000 >&-");
    EXPECT_EQ(status, 0);
}

TEST_F(command_source_test, a_program_that_says_much_is_not_held_back) {
    write("1", one);
    enough_pictures(1);
    run_script(R"(cd "$0"; yes complaint | head -c 1000000 >&2; cat 1; exec sleep 1000)");
    EXPECT_THAT(seen.pictures, ElementsAre(one));
}

TEST_F(command_source_test, silence_is_a_condition_until_the_next_picture) {
    write("1", one);
    seen.enough = [this] {
        // The program goes on once its silence was noticed.
        if (condition() == "no picture for 0.02 s") std::ofstream(file("go"));
        return seen.pictures.size() >= 2 && condition().empty();
    };
    run_script<impatient_command>(R"(cd "$0"; cat 1; while ! test -e go; do :; done; while :; do cat 1; sleep 0.005; done)");
    EXPECT_EQ(metric("program_starts"), 1u);
}

TEST_F(command_source_test, a_program_that_is_not_there_stops_the_start_and_the_advice_fits) {
    seen.enough = [] { return true; };
    run({"rpicam-vid-of-nobody", "-t", "0"});
    EXPECT_EQ(status, 1);
    EXPECT_EQ(after.instances[0].failure, "rpicam-vid-of-nobody: not found in PATH; install it, or give its whole path");

    run({file("nothing")});
    EXPECT_EQ(status, 1);
    EXPECT_EQ(after.instances[0].failure, file("nothing") + ": there is no such program");

    run({write("picture", one)});
    EXPECT_EQ(status, 1);
    EXPECT_EQ(after.instances[0].failure, file("picture") + ": is no program that may be run here");

    run({"/tmp"});
    EXPECT_EQ(status, 1);
    EXPECT_THAT(after.instances[0].failure, HasSubstr("is no program that may be run here"));
}

TEST_F(command_source_test, the_raspberry_pi_s_program_comes_with_its_package) {
    if (std::system("command -v rpicam-vid >/dev/null") == 0) GTEST_SKIP() << "it is installed here";
    run({"rpicam-vid", "-t", "0", "--codec", "mjpeg", "-o", "-"});
    EXPECT_EQ(status, 1);
    EXPECT_EQ(after.instances[0].failure,
              "rpicam-vid: not found in PATH; on a Raspberry Pi: sudo apt install rpicam-apps");
}

TEST_F(command_source_test, a_program_that_cannot_be_started_is_tried_again) {
    // It may be run, says its mode, but what should run it is not there.
    const auto program = write("program", {});
    std::ofstream(program) << "#!/nonexistent/interpreter\n";
    fs::permissions(program, fs::perms::owner_all);
    seen.enough = [this] {
        return condition() == "the program cannot be started: No such file or directory; starting it again";
    };
    run({program});
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace streamhost::video
