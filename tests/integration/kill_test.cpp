#include "support/by_hand.hpp"
#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <vector>

namespace streamhost::test {
namespace {

/// More by hand: STREAMHOST_KILLS=100.
int kills() { return by_hand("STREAMHOST_KILLS", 20); }

/// What may stand between two medians without being a leak; a picture that is left behind at each kill is far more.
constexpr std::size_t slack_kb = 6 * 1024;

/// What a program that outlives the others holds, looked at each time that everything streams.
class holdings {
public:
    holdings(const scratch_folder& folder, const child_program& program) : folder_(folder), program_(program) {}

    /// Until it holds as many descriptors as the first time.
    void look() {
        if (memory_kb_.empty()) descriptors_ = program_.descriptors();
        EXPECT_TRUE(folder_.wait([&] { return program_.descriptors() == descriptors_; }))
            << program_.name() << " holds " << program_.descriptors() << " descriptors, not " << descriptors_;
        memory_kb_.push_back(program_.proportional_kb());
    }

    void expect_no_more_memory() const {
        if (*STREAMHOST_SANITIZER != '\0') return;  // it keeps what was freed
        const auto quarter = static_cast<std::ptrdiff_t>(memory_kb_.size() / 4);
        const auto before = median({memory_kb_.begin(), memory_kb_.begin() + quarter});
        const auto after = median({memory_kb_.end() - quarter, memory_kb_.end()});
        EXPECT_LT(after, before + slack_kb) << program_.name() << " holds, in kB: " << ::testing::PrintToString(memory_kb_);
    }

private:
    static std::size_t median(std::vector<std::size_t> values) {
        std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
        return values[values.size() / 2];
    }

    const scratch_folder& folder_;
    const child_program& program_;
    std::size_t descriptors_ = 0;
    std::vector<std::size_t> memory_kb_;
};

class kill_test : public ::testing::TestWithParam<const char*> {
protected:
    std::string wire() const { return on_wire(GetParam()); }

    std::unique_ptr<running_host> serve(const std::string& address) const {
        const pictures source{.width = 640, .height = 480};
        return std::make_unique<running_host>(folder, "server",
                                              serving(address, wire() + std::string(patient_viewers), source));
    }
    std::unique_ptr<running_host> view(const std::string& name, const std::string& address) const {
        return std::make_unique<running_host>(folder, name, viewing(address, frames_of(name), wire(), false));
    }
    std::filesystem::path frames_of(const std::string& name) const { return folder / (name + ".frames"); }

    /// Until `name` has seen `more` pictures.
    bool wait_more_frames(const std::string& name, std::size_t more) const {
        const auto before = count_frames(frames_of(name));
        return folder.wait([&] { return count_frames(frames_of(name)) >= before + more; });
    }

    scratch_folder folder;
};

/// As /proc says; a zombie has ended.
bool lives(int process) {
    const auto status = read_file(std::filesystem::path("/proc") / std::to_string(process) / "stat");
    return !status.empty() && status.find(") Z ") == std::string::npos;
}

TEST(kill_children_test, a_program_does_not_outlive_its_host) {
    const scratch_folder folder;
    const auto started = folder / "started";
    running_host host(folder, "host", fmt::format(R"({{ "modules": {{ "program": {{ "type": "video.command",
        "command": ["/bin/sh", "-c", "trap '' TERM HUP; echo $$$$ > {}; while :; do sleep 0.1; done"] }} }} }})",
                                                  started.string()));
    ASSERT_TRUE(folder.wait([&] { return !read_lines(started).empty(); })) << host.log();
    const int program = std::stoi(read_lines(started).front());
    ASSERT_TRUE(lives(program));
    host.send(SIGKILL);
    ASSERT_EQ(host.wait(), killed_by(SIGKILL));
    EXPECT_TRUE(folder.wait([&] { return !lives(program); }));
}

INSTANTIATE_TEST_SUITE_P(, kill_test, ::testing::Values("framed", "pickle"),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(kill_test, a_server_outlives_its_viewers) {
    const auto server = serve("127.0.0.1:0");
    ASSERT_TRUE(server->wait_ready()) << server->log();
    const auto address = server->address("video");
    const auto alone = server->descriptors();
    auto witness = view("witness", address);
    ASSERT_TRUE(wait_more_frames("witness", 10)) << witness->log();

    holdings held(folder, *server);
    for (int i = 0; i < kills(); ++i) {
        auto viewer = view("viewer", address);
        ASSERT_TRUE(wait_more_frames("viewer", 10)) << "life " << i << ": " << viewer->log() << server->log();
        held.look();
        viewer->send(SIGKILL);
        EXPECT_EQ(viewer->wait(), killed_by(SIGKILL));
    }
    held.expect_no_more_memory();
    EXPECT_EQ(first_gap(read_frame_lines(frames_of("witness"))), "") << "the one that stayed has missed nothing";

    witness->send(SIGKILL);
    EXPECT_TRUE(folder.wait([&] { return server->descriptors() == alone; })) << server->descriptors() << ", not " << alone;
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_P(kill_test, a_viewer_outlives_its_servers) {
    const reserved_port port;
    const auto viewer = view("viewer", port.address());
    ASSERT_TRUE(viewer->wait_ready()) << viewer->log();

    holdings held(folder, *viewer);
    for (int i = 0; i < kills(); ++i) {
        const auto server = serve(port.address());
        ASSERT_TRUE(wait_more_frames("viewer", 10)) << "life " << i << ": " << viewer->log() << server->log();
        held.look();
        server->send(SIGKILL);
        EXPECT_EQ(server->wait(), killed_by(SIGKILL));
    }
    held.expect_no_more_memory();
    viewer->send(SIGTERM);
    EXPECT_EQ(viewer->wait(), exits_with(0)) << viewer->log();
    EXPECT_TRUE(frames_ended(frames_of("viewer")));
}

}  // namespace
}  // namespace streamhost::test
