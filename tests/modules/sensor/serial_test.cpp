#include "serial.hpp"

#include "device_stage.hpp"

#include <poll.h>

namespace streamhost::sensor::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class serial_test : public device_stage<serial> {
protected:
    void add_json(boost::json::object more = {}) {
        more.emplace("device", simulated_device);
        add_device(std::move(more));
        plan.link("device.records", "sink.records");
    }
    void add_text(boost::json::object more = {}) {
        more.emplace("device", simulated_device);
        more["form"] = "text";
        add_device(std::move(more));
        plan.link("device.lines", "sink.lines");
    }
};

TEST_F(serial_test, each_line_of_json_is_a_record) {
    add_json();
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        co_await say(*port, "{\"celsius\": 21.5}\r\n\r\n7\n");
        const bool came = co_await until(host, [this] { return seen.records.size() == 2; });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_THAT(seen.records, ElementsAre(R"({"celsius":2.15E1})", "7"));
    EXPECT_EQ(metric("lines_refused"), 0u);
}

TEST_F(serial_test, each_line_of_text_is_a_text) {
    add_text();
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        co_await say(*port, "21.5 C\r\nready\n");
        const bool came = co_await until(host, [this] { return seen.lines.size() == 2; });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_THAT(seen.lines, ElementsAre("21.5 C", "ready"));
}

TEST_F(serial_test, a_device_that_is_away_is_a_state) {
    add_json();
    seen.act = [this](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(10min);
        EXPECT_EQ(condition(), simulated_device + ": No such file or directory");
        EXPECT_EQ(instance_of(snapshot(), "device").state, "running");
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        EXPECT_EQ(condition(), "");
        co_await say(*port, "1\n");
        const bool came = co_await until(host, [this] { return seen.records.size() == 1; });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_EQ(metric("device_opens"), 1u);
}

TEST_F(serial_test, a_device_that_is_unplugged_comes_back_and_the_half_line_is_counted) {
    add_json();
    seen.act = [this](module_context& host) -> awaitable<void> {
        for (int life = 1; life <= 3; ++life) {
            auto plugged = co_await plug_in(host);
            auto port = co_await plugged.accept();
            co_await say(*port, fmt::format("{}\n{{\"half\":", life));
            const auto wanted = static_cast<std::size_t>(life);
            const bool came = co_await until(host, [this, wanted] { return seen.records.size() == wanted; });
            EXPECT_TRUE(came);
            *port = {};
            plugged = {};
            const bool noticed = co_await until(host, [this, wanted] { return metric("lines_refused") == wanted; });
            EXPECT_TRUE(noticed);
            EXPECT_THAT(condition(), HasSubstr(simulated_device));
        }
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1", "2", "3"));
    EXPECT_EQ(metric("device_opens"), 3u);
}

TEST_F(serial_test, a_device_that_opens_and_goes_at_once_is_not_opened_without_end) {
    add_json();
    seen.act = [](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        const auto until_then = host.clock().now() + 1min;
        while (host.clock().now() < until_then) {
            auto port = co_await plugged.accept();
            port->close();
        }
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_LT(metric("device_opens"), 100u);
}

TEST_F(serial_test, garbage_is_counted_and_the_next_line_read) {
    add_json({{"max_line", 64}});
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        co_await say(*port, std::string("\xff\xfe\x00\n", 4) + "{\"cut\n" + std::string(100'000, 'x') + "\n[1,\n\x1b[2J\n1\n");
        const bool came = co_await until(host, [this] { return !seen.records.empty(); });
        EXPECT_TRUE(came);
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_THAT(seen.records, ElementsAre("1"));
    EXPECT_EQ(metric("lines_refused"), 5u);
}

TEST_F(serial_test, a_device_that_floods_is_read_at_its_pace) {
    add_text();
    seen.act = [this](module_context& host) -> awaitable<void> {
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        std::string many;
        for (int i = 0; i < 20'000; ++i) many += "x\n";
        host.spawn([](module_context&, stream to, std::string words) -> awaitable<void> {
            (void)co_await to.write(asio::buffer(words));
        }(host, std::move(*port), many));
        co_await host.sleep_for(5s);
        EXPECT_GT(seen.lines.size(), 4000u);
        EXPECT_LT(seen.lines.size(), 6100u + 1000u);
    };
    EXPECT_EQ(simulate(), 0);
}

TEST_F(serial_test, lines_go_to_the_device_and_are_dropped_while_it_is_away) {
    add_text();
    plan.add<speaker>("speaker");
    plan.link("speaker.lines", "device.outgoing");
    seen.speak = [](module_context& host, output<text> to) -> awaitable<void> {
        text early{"early"};
        co_await to.send(std::move(early));
        co_await host.sleep_for(1min);
        text led{"led on"};
        co_await to.send(std::move(led));
    };
    std::string heard;
    seen.act = [this, &heard](module_context& host) -> awaitable<void> {
        co_await host.sleep_for(10s);
        EXPECT_EQ(metric("lines_unwritten"), 1u);
        auto plugged = co_await plug_in(host);
        auto port = co_await plugged.accept();
        std::array<std::byte, 7> words;
        const auto read = co_await port->read(words);
        EXPECT_TRUE(read);
        heard.assign(reinterpret_cast<const char*>(words.data()), words.size());
    };
    EXPECT_EQ(simulate(), 0);
    EXPECT_EQ(heard, "led on\n");
    EXPECT_EQ(metric("lines_written"), 1u);
}

TEST_F(serial_test, the_ports_follow_from_the_form) {
    serial_settings chosen;
    EXPECT_EQ(serial::ports_for(chosen).outputs.at(0).name, "records");
    chosen.form = line_form::text;
    EXPECT_EQ(serial::ports_for(chosen).outputs.at(0).name, "lines");
    EXPECT_FALSE(serial::ports_for(chosen).inputs.at(0).required);
    chosen.baud = 9601;
    EXPECT_THROW(serial::check(chosen), setting_error);
}

// ---- at a real line ----

TEST_F(serial_test, at_a_real_line_both_directions_work) {
    streamhost::test::pseudo_terminal line;
    add_text({{"device", line.path()}});
    plan.add<speaker>("speaker");
    plan.link("speaker.lines", "device.outgoing");
    seen.speak = [this](module_context& host, output<text> to) -> awaitable<void> {
        const bool open = co_await until(host, [this] { return !seen.lines.empty(); });
        EXPECT_TRUE(open);
        text led{"led on"};
        co_await to.send(std::move(led));
    };
    std::string heard;
    seen.act = [&](module_context& host) -> awaitable<void> {
        const bool open = co_await until(host, [this] { return metric("device_opens") == 1; });
        EXPECT_TRUE(open);
        write_to(line, "21.5 \xc2\xb0" "C\r\n");
        const bool answered = co_await until(host, [this] { return metric("lines_written") == 1; });
        EXPECT_TRUE(answered);
    };
    EXPECT_EQ(run_here(), 0);
    char words[16];
    const auto count = ::read(line.user(), words, sizeof words);
    heard.assign(words, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    EXPECT_EQ(heard, "led on\n");
    EXPECT_THAT(seen.lines, ElementsAre("21.5 \u00b0C"));
}

TEST_F(serial_test, at_a_real_line_that_goes_and_comes_back) {
    std::optional<streamhost::test::pseudo_terminal> line(std::in_place);
    // A name of its own, which leads to whatever line is there.
    const std::string name = ::testing::TempDir() + fmt::format("streamhost-serial-{}", ::getpid());
    ASSERT_EQ(::symlink(line->path().c_str(), name.c_str()), 0);
    add_json({{"device", name}});
    seen.act = [&](module_context& host) -> awaitable<void> {
        bool good = co_await until(host, [this] { return metric("device_opens") == 1; });
        EXPECT_TRUE(good);
        write_to(*line, "1\n{\"half\":");
        good = co_await until(host, [this] { return seen.records.size() == 1; });
        EXPECT_TRUE(good);
        ::unlink(name.c_str());
        line.reset();
        good = co_await until(host, [this] { return condition().ends_with("No such file or directory"); });
        EXPECT_TRUE(good);
        EXPECT_EQ(metric("lines_refused"), 1u);
        line.emplace();
        EXPECT_EQ(::symlink(line->path().c_str(), name.c_str()), 0);
        good = co_await until(host, [this] { return metric("device_opens") == 2; });
        EXPECT_TRUE(good);
        EXPECT_EQ(condition(), "");
        write_to(*line, "2\n");
        good = co_await until(host, [this] { return seen.records.size() == 2; });
        EXPECT_TRUE(good);
    };
    EXPECT_EQ(run_here(), 0);
    ::unlink(name.c_str());
    EXPECT_THAT(seen.records, ElementsAre("1", "2"));
}

TEST_F(serial_test, the_end_of_the_host_does_not_wait_for_a_line_that_takes_nothing) {
    streamhost::test::pseudo_terminal line;
    add_text({{"device", line.path()}});
    plan.add<speaker>("speaker");
    plan.link("speaker.lines", "device.outgoing");
    seen.speak = [this](module_context& host, output<text> to) -> awaitable<void> {
        const bool open = co_await until(host, [this] { return metric("device_opens") == 1; });
        EXPECT_TRUE(open);
        for (int i = 0; i < 20; ++i) {
            text much{std::string(10'000, 'x')};  // nobody reads it
            co_await to.send(std::move(much));
        }
    };
    seen.act = [this](module_context& host) -> awaitable<void> {
        const bool open = co_await until(host, [this] { return metric("device_opens") == 1; });
        EXPECT_TRUE(open);
        co_await host.sleep_for(50ms);
    };
    EXPECT_EQ(run_here(), 0);
}

}  // namespace
}  // namespace streamhost::sensor::test
