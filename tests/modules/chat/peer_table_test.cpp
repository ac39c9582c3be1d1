#include "peer_table.hpp"

#include <gmock/gmock.h>

namespace streamhost::chat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class silent_viewer final : public viewer {
public:
    stream& session() noexcept override { return session_; }
    void reply(wire_message) override {}
    void choose(channel_set channels) override { channels_ = channels; }
    const channel_set& channels() const noexcept override { return channels_; }
    void dismiss(wire_message) override {}

private:
    stream session_;
    channel_set channels_;
};

class peer_table_test : public ::testing::Test {
protected:
    static net_address at(std::uint16_t port, std::string host = "10.0.0.5") { return {std::move(host), port}; }

    std::vector<std::string> found(std::string_view recipient) {
        std::vector<std::string> addresses;
        for (const auto* each : peers.find(recipient)) addresses.push_back(each->address);
        return addresses;
    }

    peer_table peers;
    silent_viewer a, b;
};

TEST_F(peer_table_test, a_connection_is_taken_for_the_missing_half_of_who_has_waited_longest) {
    const auto first = peers.add_listener(at(1), a);
    const auto second = peers.add_listener(at(2), b);
    EXPECT_TRUE(first.is_new);
    EXPECT_TRUE(second.is_new);
    const auto third = peers.add_speaker(at(3));
    EXPECT_FALSE(third.is_new);
    EXPECT_EQ(third.who, first.who);
    EXPECT_EQ(third.who->address, "10.0.0.5:1") << "the first connection names the peer";
    EXPECT_EQ(peers.add_speaker(at(4)).who, second.who);
    EXPECT_TRUE(peers.add_speaker(at(5)).is_new);
    EXPECT_EQ(peers.size(), 3u);
}

TEST_F(peer_table_test, another_host_is_another_peer) {
    const auto first = peers.add_listener(at(1), a);
    const auto other = peers.add_speaker(at(2, "10.0.0.6"));
    EXPECT_TRUE(other.is_new);
    EXPECT_NE(first.who, other.who);
}

TEST_F(peer_table_test, a_peer_has_gone_when_both_halves_have) {
    const auto one = peers.add_speaker(at(1));
    EXPECT_FALSE(peers.add_listener(at(2), a).is_new);
    EXPECT_FALSE(peers.remove_speaker(*one.who));
    EXPECT_FALSE(peers.add_speaker(at(3)).is_new) << "it came back with that half";
    EXPECT_FALSE(peers.remove_listener(*one.who));
    EXPECT_TRUE(peers.remove_speaker(*one.who));
    EXPECT_EQ(peers.size(), 0u);
}

TEST_F(peer_table_test, peers_are_found_by_address_or_by_host) {
    peers.add_both(at(1), a);
    peers.add_both(at(2), b);
    peers.add_both(at(1, "::1"), b);
    EXPECT_THAT(found("10.0.0.5:2"), ElementsAre("10.0.0.5:2"));
    EXPECT_THAT(found("10.0.0.5"), ElementsAre("10.0.0.5:1", "10.0.0.5:2"));
    EXPECT_THAT(found("::1"), ElementsAre("[::1]:1"));
    EXPECT_THAT(found("10.0.0.5:3"), IsEmpty());
    EXPECT_THAT(found(""), IsEmpty());
}

}  // namespace
}  // namespace streamhost::chat
