#include "access.hpp"

#include "request_rules.hpp"

#include <streamhost/result.hpp>
#include <streamhost/wire/base64.hpp>

#include <boost/beast/core/string.hpp>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace streamhost::web {
namespace {

constexpr std::string_view cookie_name = "streamhost_session";
constexpr auto none = std::string_view::npos;
constexpr std::size_t most_token_file = 4096;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == none) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string read_token(const std::string& path) {
    const auto refuse = [&](std::string_view why) {
        throw configuration_error(fmt::format("cannot take the token of `auth` from {}: {}", path, why));
    };
    const int handle = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (handle < 0) refuse(std::strerror(errno));
    struct stat now {};
    std::string text(most_token_file, '\0');
    const bool known = ::fstat(handle, &now) == 0;
    const auto count = ::read(handle, text.data(), text.size());
    const auto code = errno;
    ::close(handle);
    if (!known || count < 0) refuse(std::strerror(code));
    if (!S_ISREG(now.st_mode)) refuse("it is no file");
    if ((now.st_mode & 0077) != 0) refuse("others than its owner may read it: chmod 600 it");
    text.resize(static_cast<std::size_t>(count));
    const std::string token(trimmed(text));
    if (token.size() < access::least_token) {
        refuse(fmt::format("it has less than {} characters; make one with: openssl rand -hex 32", access::least_token));
    }
    return token;
}

/// The value of "SCHEME VALUE", where that is the scheme.
std::string_view after_scheme(std::string_view text, std::string_view scheme) {
    if (text.size() <= scheme.size() || text[scheme.size()] != ' ') return {};
    if (!boost::beast::iequals(text.substr(0, scheme.size()), scheme)) return {};
    return trimmed(text.substr(scheme.size()));
}

/// RFC 7617: the user may be anybody.
std::optional<std::string> password_of(std::string_view basic) {
    const auto decoded = base64::decode(std::as_bytes(std::span(basic.data(), basic.size())));
    if (!decoded) return std::nullopt;
    const auto colon = decoded->as_text().find(':');
    if (colon == none) return std::nullopt;
    return std::string(decoded->as_text().substr(colon + 1));
}

std::string_view session_in(std::string_view cookies) {
    while (!cookies.empty()) {
        const auto item = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(item.size() + 1, cookies.size()));
        const auto equals = item.find('=');
        if (equals != none && trimmed(item.substr(0, equals)) == cookie_name) return trimmed(item.substr(equals + 1));
    }
    return {};
}

}  // namespace

access::access(const std::string& file) {
    if (!file.empty()) token_ = digest_of(read_token(file));
}

access::digest access::digest_of(std::string_view text) {
    digest result{};
    ::SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), result.data());
    return result;
}

bool access::is_token(std::string_view text) const {
    const auto given = digest_of(text);
    return token_ && ::CRYPTO_memcmp(given.data(), token_->data(), given.size()) == 0;
}

bool access::is_session(std::string_view id, steady_time now) const {
    if (id.empty()) return false;
    const auto given = digest_of(id);
    return std::ranges::any_of(sessions_, [&](const session& each) {
        return each.until > now && ::CRYPTO_memcmp(given.data(), each.id.data(), given.size()) == 0;
    });
}

rights access::rights_of(const net_address& peer, const proof& shown, steady_time now) const {
    if (!token_) return is_loopback(peer) ? rights::admin : rights::view;
    if (is_session(session_in(shown.cookie), now)) return rights::admin;
    if (const auto bearer = after_scheme(shown.authorization, "Bearer"); !bearer.empty()) {
        return is_token(bearer) ? rights::admin : rights::none;
    }
    if (const auto basic = after_scheme(shown.authorization, "Basic"); !basic.empty()) {
        const auto password = password_of(basic);
        return password && is_token(*password) ? rights::admin : rights::none;
    }
    return rights::none;
}

/// A cookie of an earlier life of this server is none.
bool access::is_attempt(const proof& shown) { return !shown.authorization.empty(); }

std::optional<std::string> access::log_in(std::string_view token, steady_time now) {
    if (!is_token(trimmed(token))) return std::nullopt;
    std::array<unsigned char, 32> random{};
    if (::RAND_bytes(random.data(), random.size()) != 1) return std::nullopt;
    std::string id;
    for (const auto byte : random) id += fmt::format("{:02x}", byte);
    std::erase_if(sessions_, [&](const session& each) { return each.until <= now; });
    if (sessions_.size() >= most_sessions) sessions_.pop_front();
    sessions_.push_back({digest_of(id), now + session_life});
    return id;
}

std::string access::cookie_for(std::string_view session) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(session_life).count();
    return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict", cookie_name, session, seconds);
}

void access::note_failure(const net_address& peer, steady_time now) {
    std::erase_if(failures_, [&](const auto& each) { return now - each.second.since > failure_window; });
    if (failures_.size() >= most_addresses && !failures_.contains(peer.host)) failures_.erase(failures_.begin());
    auto& of = failures_[peer.host];
    if (of.count++ == 0) of.since = now;
}

bool access::is_locked_out(const net_address& peer, steady_time now) const {
    const auto found = failures_.find(peer.host);
    if (found == failures_.end()) return false;
    return found->second.count >= most_failures && now - found->second.since <= failure_window;
}

}  // namespace streamhost::web
