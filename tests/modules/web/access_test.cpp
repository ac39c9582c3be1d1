#include "access.hpp"
#include "support/scratch_folder.hpp"

#include <streamhost/result.hpp>
#include <streamhost/wire/base64.hpp>

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace streamhost::web {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const net_address here{"127.0.0.1", 5000};
const net_address elsewhere{"192.168.1.9", 5000};
constexpr steady_time start{1h};
constexpr std::string_view token = "0123456789abcdef0123456789abcdef";

std::string base64_of(std::string_view text) {
    return std::string(base64::encode(std::as_bytes(std::span(text.data(), text.size()))).as_text());
}

class access_test : public ::testing::Test {
protected:
    std::string file(std::string_view content, mode_t mode = 0600) {
        const auto path = folder.write("token", content);
        ::chmod(path.c_str(), mode);
        return path;
    }
    static rights by(const access& gate, const std::string& authorization, const std::string& cookie = "") {
        return gate.rights_of(elsewhere, {authorization, cookie}, start);
    }

    streamhost::test::scratch_folder folder;
};

TEST_F(access_test, without_a_token_this_machine_may_everything_and_others_may_view) {
    const access open("");
    EXPECT_FALSE(open.asks());
    EXPECT_EQ(open.rights_of(here, {}, start), rights::admin);
    EXPECT_EQ(open.rights_of(elsewhere, {}, start), rights::view);
}

TEST_F(access_test, with_a_token_nobody_may_anything_without_it) {
    const access gate(file(std::string(token) + "\n"));
    EXPECT_TRUE(gate.asks());
    EXPECT_EQ(gate.rights_of(here, {}, start), rights::none);
    EXPECT_EQ(by(gate, "Bearer " + std::string(token)), rights::admin);
    EXPECT_EQ(by(gate, "bearer  " + std::string(token) + " "), rights::admin);
    EXPECT_EQ(by(gate, "Basic " + base64_of("x:" + std::string(token))), rights::admin);
    EXPECT_EQ(by(gate, "Basic " + base64_of(":" + std::string(token))), rights::admin);
    for (const auto& wrong : {std::string("Bearer"), std::string("Bearer "), "Bearer " + std::string(token.substr(1)),
                              "Bearer " + std::string(token) + "x", std::string(token), "Basic " + std::string(token),
                              "Basic " + base64_of(token), "Basic " + base64_of("x:y"), std::string("Digest x"), std::string("Basic ====")}) {
        EXPECT_EQ(by(gate, wrong), rights::none) << wrong;
        EXPECT_TRUE(access::is_attempt({wrong, ""}));
    }
    EXPECT_FALSE(access::is_attempt({"", "streamhost_session=old"}));
}

TEST_F(access_test, a_session_stands_for_the_token_until_it_is_too_old) {
    access gate(file(token));
    EXPECT_FALSE(gate.log_in("wrong", start));
    EXPECT_FALSE(gate.log_in("", start));
    const auto id = gate.log_in(" " + std::string(token) + "\n", start);
    ASSERT_TRUE(id);
    EXPECT_EQ(id->size(), 64u);
    EXPECT_NE(*id, token);
    const auto cookie = access::cookie_for(*id);
    EXPECT_THAT(cookie, HasSubstr("; HttpOnly; SameSite=Strict"));
    EXPECT_EQ(by(gate, "", "a=b; streamhost_session=" + *id + ";c"), rights::admin);
    EXPECT_EQ(by(gate, "", "xstreamhost_session=" + *id), rights::none);
    EXPECT_EQ(by(gate, "", "streamhost_session="), rights::none);
    EXPECT_EQ(by(gate, "", "streamhost_session=" + std::string(token)), rights::none);
    EXPECT_EQ(gate.rights_of(elsewhere, {"", "streamhost_session=" + *id}, start + access::session_life), rights::none);
}

TEST_F(access_test, sessions_are_not_kept_without_end) {
    access gate(file(token));
    const auto first = gate.log_in(token, start);
    for (std::size_t i = 0; i < access::most_sessions; ++i) (void)gate.log_in(token, start);
    EXPECT_EQ(by(gate, "", "streamhost_session=" + *first), rights::none);
}

TEST_F(access_test, who_fails_too_often_is_not_listened_to_for_a_while) {
    access gate(file(token));
    for (int i = 0; i < access::most_failures; ++i) {
        EXPECT_FALSE(gate.is_locked_out(elsewhere, start));
        gate.note_failure(elsewhere, start);
    }
    EXPECT_TRUE(gate.is_locked_out(elsewhere, start + 59s));
    EXPECT_FALSE(gate.is_locked_out(here, start));
    EXPECT_FALSE(gate.is_locked_out(elsewhere, start + 61s));
    for (int i = 0; i < 100'000; ++i) gate.note_failure({"10.0." + std::to_string(i % 5000), 1}, start);
}

TEST_F(access_test, a_token_that_is_none_or_lies_open_is_refused) {
    const auto refusal = [](const std::string& path) {
        try {
            const access gate(path);
        } catch (const configuration_error& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    EXPECT_THAT(refusal(file(token, 0644)), HasSubstr("chmod 600"));
    EXPECT_THAT(refusal(file("short")), HasSubstr("less than 16 characters"));
    EXPECT_THAT(refusal(file("  \n" + std::string(15, 'x') + "   ")), HasSubstr("less than 16 characters"));
    EXPECT_THAT(refusal(folder / "none"), HasSubstr("No such file"));
    EXPECT_THAT(refusal(folder.path()), HasSubstr("directory"));
    EXPECT_THAT(refusal("/dev/zero"), HasSubstr("it is no file"));
}

}  // namespace
}  // namespace streamhost::web
