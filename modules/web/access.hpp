#pragma once

#include <streamhost/clock.hpp>
#include <streamhost/net.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace streamhost::web {

/// What somebody may do here.
enum class rights {
    none,   ///< has to prove who it is
    view,   ///< sees, hears, talks and drives
    admin,  ///< also reads and changes the topology, which starts programs
};

/// Who may do what. Without a token, peers of this machine may everything, and all others that the listener lets in may
/// view. With one, nobody may anything who does not know it, and who does may everything. Confined to its lane.
class access {
public:
    static constexpr std::size_t least_token = 16;   ///< characters
    static constexpr std::size_t most_sessions = 256;
    static constexpr auto session_life = std::chrono::hours(24 * 7);
    static constexpr int most_failures = 10;         ///< of one address within `failure_window`
    static constexpr auto failure_window = std::chrono::minutes(1);
    static constexpr std::size_t most_addresses = 1024;

    access() = default;
    /// The token of a file, which nobody but its owner may read; nothing where `file` is empty. Throws
    /// `configuration_error`.
    explicit access(const std::string& file);

    bool asks() const noexcept { return token_.has_value(); }

    /// What a request's headers prove: `Authorization` (Bearer, or Basic with the token as password) and `Cookie`;
    /// empty where it has none.
    struct proof {
        std::string_view authorization;
        std::string_view cookie;
    };
    rights rights_of(const net_address& peer, const proof& shown, steady_time now) const;
    /// Whether something was shown that could have been right, so that it counts as an attempt.
    static bool is_attempt(const proof& shown);

    /// A new session for whoever knows the token; its id goes into a cookie. Nothing where the token is wrong.
    std::optional<std::string> log_in(std::string_view token, steady_time now);
    static std::string cookie_for(std::string_view session);

    /// One failed attempt from there. How long it is to be made to wait is for the caller to draw.
    void note_failure(const net_address& peer, steady_time now);
    /// Too many attempts have failed there: nothing is compared for it any more, for a while.
    bool is_locked_out(const net_address& peer, steady_time now) const;

private:
    using digest = std::array<unsigned char, 32>;

    struct failures {
        int count = 0;
        steady_time since{};
    };
    struct session {
        digest id;
        steady_time until;
    };

    static digest digest_of(std::string_view text);
    bool is_token(std::string_view text) const;
    bool is_session(std::string_view id, steady_time now) const;

    std::optional<digest> token_;
    std::deque<session> sessions_;
    std::map<std::string, failures> failures_;
};

}  // namespace streamhost::web
