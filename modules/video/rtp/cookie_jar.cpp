#include "rtp/cookie_jar.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <new>
#include <stdexcept>
#include <string>

namespace streamhost::video::rtp {

cookie_jar::cookie_jar() {
    // Not of the context's random numbers: those can be told from each other.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), static_cast<int>(key_.size())) != 1) {
        throw std::runtime_error("there are no random numbers for a key");
    }
}

cookie cookie_jar::make(const net_address& of, std::int64_t number) const {
    const auto about = std::to_string(number) + ' ' + of.to_string();
    cookie made;
    unsigned size = made.size();
    const auto* const done = HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
                                  reinterpret_cast<const unsigned char*>(about.data()), about.size(),
                                  reinterpret_cast<unsigned char*>(made.data()), &size);
    if (done == nullptr) throw std::bad_alloc();
    return made;
}

cookie_jar::freshness cookie_jar::check(const cookie& shown, const net_address& by, steady_time now) const {
    const auto is = [&](std::int64_t number) {
        const auto right = make(by, number);
        return CRYPTO_memcmp(right.data(), shown.data(), shown.size()) == 0;
    };
    if (is(number_of(now))) return freshness::good;
    return is(number_of(now) - 1) ? freshness::ageing : freshness::wrong;
}

}  // namespace streamhost::video::rtp
