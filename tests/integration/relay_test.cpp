#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <streamhost/tcp_wire.hpp>
#include <streamhost/wire/framed_opening.hpp>

#include <gmock/gmock.h>

#include <csignal>
#include <map>
#include <memory>

namespace streamhost::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class relay_test : public ::testing::TestWithParam<const char*> {
protected:
    std::string wire() const { return on_wire(GetParam()); }
    std::string settings() const { return wire() + std::string(patient_viewers); }

    std::unique_ptr<running_host> serve(const std::string& address) const {
        auto server = std::make_unique<running_host>(folder, "server", serving(address, settings()));
        EXPECT_TRUE(server->wait_ready()) << server->log();
        return server;
    }
    std::unique_ptr<running_host> relay(const std::string& upstream) const {
        auto one = std::make_unique<running_host>(folder, "relay", relaying(upstream, "127.0.0.1:0", settings()));
        EXPECT_TRUE(one->wait_ready()) << one->log();
        return one;
    }
    std::unique_ptr<running_host> view(const std::string& name, const std::string& address) const {
        return std::make_unique<running_host>(folder, name, viewing(address, frames_of(name), wire()));
    }
    std::filesystem::path frames_of(const std::string& name) const { return folder / (name + ".frames"); }

    bool wait_frames(const std::string& name, std::size_t count) const {
        return folder.wait([&] { return count_frames(frames_of(name)) >= count; });
    }

    static std::string to_text(const wire_message& message) {
        std::string all;
        for (const auto& piece : message.pieces) all += piece.as_text();
        return all;
    }
    static std::string picture() {
        const video_frame gray{16, 16, pixel_format::gray8, shared_bytes::adopt(std::vector<std::byte>(256, std::byte{128}))};
        const bool pickled = std::string_view(GetParam()) == "pickle";
        return to_text(pickled ? to_pickle_message(pickle::write_array(gray)) : to_framed_message({}, gray));
    }
    static std::string opening() {
        if (std::string_view(GetParam()) == "pickle") return {};
        framed::answer answer;
        answer.accepted = true;
        const auto bytes = framed::encode(answer);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    static std::string hello() {
        if (std::string_view(GetParam()) == "pickle") return {};
        const auto bytes = framed::encode(framed::hello{});
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    scratch_folder folder;
};

INSTANTIATE_TEST_SUITE_P(, relay_test, ::testing::Values("framed", "pickle"),
                         [](const auto& which) { return std::string(which.param); });

TEST_P(relay_test, viewers_see_the_pictures_of_the_server_bit_by_bit) {
    const auto server = serve("127.0.0.1:0");
    const auto between = relay(server->address("video"));
    const auto direct = view("direct", server->address("video"));
    const auto first = view("first", between->address("relay"));
    const auto second = view("second", between->address("relay"));
    for (const auto* name : {"direct", "first", "second"}) ASSERT_TRUE(wait_frames(name, 60)) << between->log();

    std::map<int, std::string> hashes;
    for (const auto& frame : read_frame_lines(frames_of("direct"))) hashes[frame.number] = frame.hash;
    for (const auto* name : {"first", "second"}) {
        const auto frames = read_frame_lines(frames_of(name));
        EXPECT_EQ(first_gap(frames), "") << name;
        std::size_t compared = 0;
        for (const auto& frame : frames) {
            const auto known = hashes.find(frame.number);
            if (known == hashes.end()) continue;
            EXPECT_EQ(frame.hash, known->second) << name << ", picture " << frame.number;
            ++compared;
        }
        EXPECT_GT(compared, 20u);
    }
    const auto mapped = between->mapped_files();
    for (const auto* heavy : {"opencv", "jpeg", "avcodec", "portaudio"}) EXPECT_THAT(mapped, Not(HasSubstr(heavy)));
    between->send(SIGTERM);
    EXPECT_EQ(between->wait(), exits_with(0)) << between->log();
    EXPECT_TRUE(first->wait_log("no video from")) << first->log();
}

TEST_P(relay_test, a_server_that_is_killed_and_comes_back_costs_no_viewer_its_session) {
    const reserved_port port;
    auto server = serve(port.address());
    const auto between = relay(port.address());
    const auto first = view("first", between->address("relay"));
    const auto second = view("second", between->address("relay"));
    for (const auto* name : {"first", "second"}) ASSERT_TRUE(wait_frames(name, 10)) << between->log();
    const auto held = between->descriptors();
    for (int i = 0; i < 3; ++i) {
        server->send(SIGKILL);
        ASSERT_EQ(server->wait(), killed_by(SIGKILL));
        ASSERT_TRUE(between->wait_log("no stream from")) << between->log();
        const auto before = count_frames(frames_of("first"));
        const auto before_second = count_frames(frames_of("second"));
        server = serve(port.address());
        ASSERT_TRUE(wait_frames("first", before + 10)) << between->log();
        ASSERT_TRUE(wait_frames("second", before_second + 10)) << between->log();
        EXPECT_EQ(between->descriptors(), held);
    }
    for (const auto* each : {first.get(), second.get()}) EXPECT_THAT(each->log(), Not(HasSubstr("no video from")));
}

TEST_P(relay_test, a_server_that_resets_anywhere_is_dialled_again) {
    raw_listener server;
    const auto between = relay("127.0.0.1:" + std::to_string(server.port()));
    const auto words = opening() + picture();
    auto viewer = raw_peer::connect_to(between->port("relay"));
    ASSERT_TRUE(viewer.send(hello()));
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, words.size() / 2, words.size() - 1}) {
        auto session = server.accept();
        ASSERT_TRUE(session.send(words.substr(0, count)));
        session.reset();
    }
    auto session = server.accept();
    ASSERT_TRUE(session.send(words));
    if (!hello().empty()) (void)viewer.receive(64);  // the answer
    auto expected = picture();
    if (!hello().empty()) ++expected[8 + 10];  // the hops
    EXPECT_EQ(viewer.receive(expected.size()), expected) << between->log();
    between->send(SIGTERM);
    EXPECT_EQ(between->wait(), exits_with(0)) << between->log();
    EXPECT_TRUE(viewer.wait_closed());
}

}  // namespace
}  // namespace streamhost::test
