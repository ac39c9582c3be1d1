#include "net_fixture.hpp"

#include <streamhost/message_stream.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <algorithm>
#include <vector>

namespace streamhost {
namespace {

using namespace std::chrono_literals;
using test::net_fixture;

constexpr receive_limits one_second{.message = 1s};

std::string with_prefix(const std::string& body) {
    const auto prefix = length_prefix::encode(body.size());
    return std::string(reinterpret_cast<const char*>(prefix.data()), prefix.size()) + body;
}

class message_reader_test : public net_fixture, public ::testing::WithParamInterface<message_reader::ahead> {
protected:
    message_reader_test() : net_fixture(test::backend_kind::simulated) {}

    /// What is read from a peer that writes `pieces` and closes.
    std::vector<shared_bytes> read_all(std::vector<std::string> pieces, error_code& ending) {
        std::vector<shared_bytes> messages;
        pair both;  // lives longer than who writes
        run([&](net_fixture& self) -> awaitable<void> {
            both = co_await self.connect();            self.tasks->spawn(write(both.client, pieces));
            message_reader reader(both.server, GetParam());
            for (;;) {
                auto next = co_await reader.next(one_second);
                if (!next) {
                    ending = next.error();
                    break;
                }
                messages.push_back(std::move(*next));
            }
            both.server.close();  // who writes is to end too
        });
        return messages;
    }

private:
    static awaitable<void> write(stream& to, std::vector<std::string> pieces) {
        for (const auto& each : pieces) {
            (void)co_await to.write(test::bytes_of(each));            co_await asio::post(use_awaitable);
        }
        to.finish();
    }
};

INSTANTIATE_TEST_SUITE_P(, message_reader_test, ::testing::Values(message_reader::ahead::yes, message_reader::ahead::no),
                         [](const auto& which) { return which.param == message_reader::ahead::yes ? "ahead" : "exact"; });

TEST_P(message_reader_test, gives_what_was_sent_however_it_is_cut) {
    std::vector<std::string> bodies;
    for (const std::size_t size : {1, 100, 5000, 3, 40'000, 40'000, 39'000, 10, 10, 41'000, 1}) {
        bodies.emplace_back(size, static_cast<char>('a' + bodies.size()));
    }
    std::string all;
    for (const auto& body : bodies) all += with_prefix(body);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{30'000}, all.size()}) {
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at < all.size(); at += piece) pieces.push_back(all.substr(at, piece));
        error_code ending;
        const auto got = read_all(pieces, ending);
        EXPECT_EQ(ending, errc::end_of_stream);
        ASSERT_EQ(got.size(), bodies.size()) << "in pieces of " << piece;
        for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].as_text(), bodies[i]) << i << " in pieces of " << piece;
    }
}

TEST_P(message_reader_test, a_peer_that_ends_inside_a_message_has_truncated_it) {
    const auto whole = with_prefix("first") + with_prefix("second");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        error_code ending;
        const auto got = read_all({whole.substr(0, size)}, ending);
        const bool between = size == 0 || size == 13 || size == whole.size();
        EXPECT_EQ(ending, between ? make_error_code(errc::end_of_stream) : make_error_code(errc::truncated)) << size;
        EXPECT_EQ(got.size(), size == whole.size() ? 2u : size >= 13 ? 1u : 0u);
    }
}

TEST_P(message_reader_test, a_claim_beyond_the_limit_is_refused_before_it_comes) {
    error_code ending;
    const auto prefix = length_prefix::encode(1ULL << 40);
    (void)read_all({with_prefix("good") + std::string(reinterpret_cast<const char*>(prefix.data()), prefix.size())}, ending);
    EXPECT_EQ(ending, errc::too_large);
}

TEST_P(message_reader_test, a_message_that_drips_has_one_deadline) {
    pair both;  // live longer than who writes
    bool done = false;
    run([&](net_fixture& self) -> awaitable<void> {
        both = co_await self.connect();
        const auto text = with_prefix("slow");
        self.tasks->spawn([](net_fixture& at, stream& to, std::string all, bool& over) -> awaitable<void> {
            for (const char byte : all) {
                if (over) break;
                (void)co_await to.write(asio::buffer(&byte, 1));
                event later;
                timer pause(at.on().timers());
                pause.start_after(300ms, [&later] { later.set(); });
                co_await later.wait();
            }
        }(self, both.client, text, done));
        message_reader reader(both.server, GetParam());
        const auto began = both.server.time().now();
        const auto got = co_await reader.next(one_second);
        EXPECT_EQ(got.error(), errc::timed_out);
        EXPECT_LE(both.server.time().now() - began, 1300ms);
        done = true;
    });
}

}  // namespace
}  // namespace streamhost
