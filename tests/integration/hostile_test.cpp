#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"
#include "topologies.hpp"

#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <gmock/gmock.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <ostream>
#include <span>
#include <vector>

namespace streamhost::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Short, so that a test of a peer that says nothing is short.
constexpr const char* short_limits = R"(, "limits": { "handshake_ms": 500, "message_ms": 500 })";

/// Of a program under attack. Sanitizers keep a shadow and what was freed.
constexpr std::size_t most_resident_kb = (*STREAMHOST_SANITIZER == '\0' ? 100 : 1000) * 1024;

std::string to_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

video_frame gray_picture() {
    return {64, 64, pixel_format::gray8, shared_bytes::adopt(std::vector<std::byte>(64 * 64, std::byte{128}))};
}

std::string with_length(const std::string& content) { return u64(content.size()) + content; }

std::string pickled_picture() {
    const auto pieces = pickle::write_array(gray_picture());
    return u64(pieces.size()) + to_text(pieces.prefix.span()) + to_text(pieces.body.span()) +
           to_text(pieces.suffix.span());
}

std::string framed_message(const framed::payload& content) {
    const auto pieces = framed::encode({}, content);
    return to_text(pieces.prefix.span()) + to_text(pieces.body.span());
}

/// `bytes` with another one at `offset` of the first message's header.
std::string altered(std::string bytes, std::size_t offset, char value) {
    bytes[length_prefix::size + offset] = value;
    return bytes;
}

std::string framed_hello(std::uint8_t major = 1, std::string stream = {}) {
    framed::hello hello;
    hello.stream = std::move(stream);
    auto bytes = to_text(framed::encode(hello));
    bytes[4] = static_cast<char>(major);
    return bytes;
}

std::string framed_answer(std::uint8_t major = 1) {
    framed::answer answer;
    answer.accepted = true;
    auto bytes = to_text(framed::encode(answer));
    bytes[4] = static_cast<char>(major);
    return bytes;
}

std::string framed_refusal(std::string text) {
    framed::answer answer;
    answer.refusal = std::move(text);
    return to_text(framed::encode(answer));
}

/// Makes a file in whoever unpickles it: the one that the environment names.
constexpr const char* exploit = "cposix\nsystem\n(S'touch \"$STREAMHOST_EXPLOITED\"'\ntR.";

class exploitable_test : public ::testing::Test {
protected:
    exploitable_test() { ::setenv("STREAMHOST_EXPLOITED", exploited().c_str(), 1); }

    std::filesystem::path exploited() const { return folder / "exploited"; }

    scratch_folder folder;
};

/// What a peer does, and what the other side says about it.
struct offence {
    const char* name;
    std::string bytes;
    std::string said;
    bool then_closes = false;  ///< else it stays, and says nothing more

    friend std::ostream& operator<<(std::ostream& out, const offence& which) { return out << which.name; }
};

std::string name_of(const ::testing::TestParamInfo<offence>& which) { return which.param.name; }

/// A server that does wrong. The viewer ends the session, says why, comes back, and sees what an honest server sends.
class hostile_server_test : public exploitable_test, public ::testing::WithParamInterface<offence> {
protected:
    void meet(std::string_view wire, const std::function<void(raw_peer&)>& opening, const std::string& honest) {
        raw_listener server;
        const auto settings = on_wire(wire) + short_limits;
        running_host viewer(folder, "viewer",
                            viewing("127.0.0.1:" + std::to_string(server.port()), folder / "frames", settings));
        auto session = server.accept();
        opening(session);
        ASSERT_TRUE(session.send(GetParam().bytes));
        if (GetParam().then_closes) session.finish();  // a close with its ping unread would be a reset

        auto next = server.accept();
        EXPECT_TRUE(viewer.wait_log(GetParam().said)) << viewer.log();
        EXPECT_EQ(count_frames(folder / "frames"), 0);
        opening(next);
        ASSERT_TRUE(next.send(honest));
        EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "frames") == 1; })) << viewer.log();
        EXPECT_LT(viewer.peak_resident_kb(), most_resident_kb) << "whatever it was promised";
        viewer.send(SIGTERM);
        EXPECT_EQ(viewer.wait(), exits_with(0)) << viewer.log();
    }
};

class hostile_pickle_server_test : public hostile_server_test {};

TEST_P(hostile_pickle_server_test, is_left_and_comes_back_to) {
    // A None says that there is no picture; that is none of the offences.
    meet("pickle", [](raw_peer&) {}, with_length({"\x80\x04N.", 4}) + pickled_picture());
    EXPECT_FALSE(std::filesystem::exists(exploited()));
}

INSTANTIATE_TEST_SUITE_P(
    , hostile_pickle_server_test,
    ::testing::Values(
        offence{"another_protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "larger than the limit"},
        offence{"a_huge_length", u64(1ULL << 63), "larger than the limit"},
        offence{"a_length_just_above_the_limit", u64(8 * 1024 * 1024 + 1), "larger than the limit"},
        offence{"no_length", u64(0), "malformed"},
        offence{"no_pickle", with_length("this is no pickle"), "refused its pickle at byte 0"},
        offence{"an_exploit", with_length(exploit), "refused its pickle at byte 0"},
        offence{"a_text", with_length({"\x80\x04X\x02\0\0\0hi.", 10}), "it sends something else than pictures"},
        offence{"half_a_message_and_silence", u64(1000) + "half", "timed out"},
        offence{"half_a_length_and_silence", std::string(4, '\1'), "timed out"},
        offence{"much_promised_and_little_sent", u64(8 * 1024 * 1024) + "little", "timed out"},
        offence{"half_a_message_and_an_end", u64(1000) + "half", "the bytes end in the middle of a message", true},
        offence{"an_end", "", "the peer closed the connection", true}),
    name_of);

class hostile_framed_server_test : public hostile_server_test {};

TEST_P(hostile_framed_server_test, is_left_and_comes_back_to) {
    const auto opening = [](raw_peer& session) {
        ASSERT_EQ(session.receive(framed_hello().size()), framed_hello());
        ASSERT_TRUE(session.send(framed_answer()));
    };
    // A message of a type that only a later version knows is skipped; that is none of the offences.
    const auto of_later = altered(framed_message(text{"later", ""}), 8, 99);
    meet("framed", opening, of_later + framed_message(gray_picture()));
}

INSTANTIATE_TEST_SUITE_P(
    , hostile_framed_server_test,
    ::testing::Values(
        offence{"another_protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "larger than the limit"},
        offence{"a_huge_length", u64(1ULL << 63), "larger than the limit"},
        offence{"no_length", u64(0), "malformed"},
        offence{"no_framed_message", with_length(std::string(100, 'x')), "malformed"},
        offence{"another_major_version", altered(framed_message(gray_picture()), 4, 2), "not supported"},
        offence{"a_header_cut_short", with_length(framed_message(gray_picture()).substr(8, 40)), "malformed"},
        offence{"fewer_pixels_than_it_says", with_length(framed_message(gray_picture()).substr(8, 1000)), "malformed"},
        offence{"a_message_that_went_in_circles", altered(framed_message(gray_picture()), 10, 5), "more than 4 relays"},
        offence{"the_other_kind",
                framed_message(encoded_image{64, 64, image_codec::jpeg, shared_bytes::adopt(std::string("\xFF\xD8"))}),
                "it sends images, and that port has no link; add \"video.images -> ...\""},
        offence{"half_a_message_and_silence", u64(1000) + "half", "timed out"},
        offence{"much_promised_and_little_sent", u64(8 * 1024 * 1024) + "little", "timed out"},
        offence{"half_a_message_and_an_end", u64(1000) + "half", "the bytes end in the middle of a message", true},
        offence{"a_failure", framed_message(framed::failure{"the lens cap is on"}), "the lens cap is on"},
        offence{"an_end", framed_message(framed::end_of_stream{""}), "the stream has ended", true}),
    name_of);

class hostile_opening_test : public hostile_server_test {};

TEST_P(hostile_opening_test, is_left_and_comes_back_to) {
    // The first session ends in its opening; the second one is honest.
    meet("framed", [](raw_peer&) {}, framed_answer() + framed_message(gray_picture()));
}

INSTANTIATE_TEST_SUITE_P(
    , hostile_opening_test,
    ::testing::Values(
        offence{"another_protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "malformed"},
        offence{"silence", "", "timed out"},
        offence{"half_an_answer_and_silence", framed_answer().substr(0, 20), "timed out"},
        offence{"another_major_version", framed_answer(2),
                "the peer speaks framed 2.0, this program speaks framed 1.0"},
        offence{"an_answer_too_long", framed_answer().substr(0, 6) + u16(60000), "larger than the limit"},
        offence{"a_refusal", framed_refusal("no video today"), "no video today", true}),
    name_of);

/// Viewers that do wrong: the server closes their sessions, keeps its memory, and other viewers miss nothing.
class hostile_viewer_test : public exploitable_test {
protected:
    void serve(std::string_view settings) {
        server = std::make_unique<running_host>(
            folder, "server", serving("127.0.0.1:0", std::string(settings) + std::string(patient_viewers) + short_limits));
        ASSERT_TRUE(server->wait_ready()) << server->log();
    }

    raw_peer call() const { return raw_peer::connect_to(server->port("video")); }

    /// Whether the server ends the session of a viewer that sends this.
    bool closes(const std::string& bytes) const {
        auto peer = call();
        return peer.send(bytes) && peer.wait_closed();
    }

    std::unique_ptr<running_host> server;
};

TEST_F(hostile_viewer_test, that_knows_no_framed) {
    serve(on_wire("framed"));
    running_host witness(folder, "witness", viewing(server->address("video"), folder / "frames"));
    ASSERT_TRUE(folder.wait([&] { return count_frames(folder / "frames") > 0; })) << witness.log();

    const auto hello = framed_hello();
    EXPECT_TRUE(closes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    EXPECT_TRUE(closes(std::string(100'000, '\0')));
    EXPECT_TRUE(closes(hello.substr(0, 6) + u16(60000))) << "a hello of 60 kB";
    EXPECT_TRUE(closes("")) << "no hello at all";
    EXPECT_TRUE(closes(hello.substr(0, 10))) << "half a hello";
    EXPECT_TRUE(closes(hello + u64(1ULL << 63)));
    EXPECT_TRUE(closes(hello + u64(0)));
    EXPECT_TRUE(closes(hello + u64(1'000'000) + "a viewer has less to say"));
    EXPECT_TRUE(closes(hello + with_length(std::string(100, 'x'))));
    EXPECT_TRUE(closes(hello + u64(100) + "half a message"));
    {
        auto gone = call();  // connected, and closed at once
    }
    EXPECT_TRUE(server->wait_log("is no framed viewer: malformed")) << server->log();

    const auto seen = count_frames(folder / "frames");
    EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "frames") > seen + 5; })) << server->log();
    EXPECT_EQ(first_gap(read_frame_lines(folder / "frames")), "");
    EXPECT_LT(server->peak_resident_kb(), most_resident_kb);
    server->send(SIGTERM);
    EXPECT_EQ(server->wait(), exits_with(0)) << server->log();
}

TEST_F(hostile_viewer_test, that_floods_the_pickle_wire) {
    serve(on_wire("pickle"));
    running_host witness(folder, "witness", viewing(server->address("video"), folder / "frames", on_wire("pickle")));
    ASSERT_TRUE(folder.wait([&] { return count_frames(folder / "frames") > 0; })) << witness.log();

    // Nothing is said on this wire by a viewer: a little that comes is not even looked at, and much ends the session.
    auto peer = call();
    for (int i = 0; i < 16; ++i) EXPECT_TRUE(peer.send(with_length(exploit)));
    EXPECT_EQ(peer.receive(10'000).size(), 10'000) << "it sees pictures like everyone";
    for (int i = 0; i < 16; ++i) {
        if (!peer.send(std::string(1'000'000, 'x'))) break;
    }
    EXPECT_TRUE(server->wait_log("it sends and sends")) << server->log();
    EXPECT_TRUE(peer.wait_closed());

    const auto seen = count_frames(folder / "frames");
    EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "frames") > seen + 5; })) << server->log();
    EXPECT_EQ(first_gap(read_frame_lines(folder / "frames")), "");
    EXPECT_FALSE(std::filesystem::exists(exploited()));
    EXPECT_LT(server->peak_resident_kb(), most_resident_kb);
}

TEST_F(hostile_viewer_test, of_another_major_version_is_told_both) {
    serve(on_wire("framed"));
    auto peer = call();
    ASSERT_TRUE(peer.send(framed_hello(7)));
    const auto start = peer.receive(framed::opening_start_size);
    ASSERT_THAT(start, StartsWith("SHFA"));
    EXPECT_THAT(peer.receive(1024), HasSubstr("the peer speaks framed 7.0, this program speaks framed 1.0"));
    EXPECT_TRUE(server->wait_log("is no framed viewer")) << server->log();
}

TEST_F(hostile_viewer_test, who_asks_for_another_stream_is_told_the_right_one) {
    serve(on_wire("framed") + R"(, "stream": "front")");
    running_host viewer(folder, "viewer",
                        viewing(server->address("video"), folder / "frames", R"(, "stream": "rear")"));
    EXPECT_TRUE(viewer.wait_log("there is no stream \"rear\" here, only \"front\"")) << viewer.log();
    EXPECT_TRUE(server->wait_log("there is no stream \"rear\" here, only \"front\"")) << server->log();
    running_host right(folder, "right", viewing(server->address("video"), folder / "right.frames", R"(, "stream": "front")"));
    EXPECT_TRUE(folder.wait([&] { return count_frames(folder / "right.frames") > 0; })) << right.log();
    EXPECT_EQ(count_frames(folder / "frames"), 0);
}

}  // namespace
}  // namespace streamhost::test
