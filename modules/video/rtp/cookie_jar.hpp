#pragma once

#include "rtp/subscription.hpp"

#include <streamhost/awaitable.hpp>
#include <streamhost/net.hpp>

namespace streamhost::video::rtp {

/// Makes the cookies of addresses, and knows them again without keeping any: HMAC-SHA-256 (RFC 2104) over the address and
/// the time, with a key of its own. Who returns the cookie has received it, so the address is not another's. Confined to
/// one thread.
class cookie_jar {
public:
    /// A cookie holds for this long at least, and at most for twice as long.
    static constexpr auto period = std::chrono::seconds(30);

    /// Throws `std::runtime_error` where the system has no randomness to give.
    cookie_jar();

    cookie make(const net_address& of, steady_time now) const { return make(of, number_of(now)); }

    enum class freshness { good, ageing, wrong };  ///< `ageing`: holds, and it is time for a new one
    freshness check(const cookie& shown, const net_address& by, steady_time now) const;

private:
    static std::int64_t number_of(steady_time now) { return now.time_since_epoch() / period; }
    cookie make(const net_address& of, std::int64_t number) const;

    std::array<std::byte, 32> key_;
};

}  // namespace streamhost::video::rtp
