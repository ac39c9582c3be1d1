#include "net/stream_implementation.hpp"

#include "async/prefetch.hpp"

#include <streamhost/assert.hpp>

#include <boost/container/static_vector.hpp>

#include <utility>

namespace streamhost {
namespace {

/// A gather write takes at most this many pieces; no wire of ours needs more.
constexpr std::size_t most_pieces = 16;

using pieces = boost::container::static_vector<asio::const_buffer, most_pieces>;

/// Removes the first `count` bytes.
void consume(pieces& rest, std::size_t count) {
    std::size_t whole = 0;
    while (whole < rest.size() && rest[whole].size() <= count) count -= rest[whole++].size();
    rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(whole));
    if (count > 0) rest.front() += count;
}

}  // namespace

stream::stream() noexcept = default;
stream::stream(std::unique_ptr<implementation> inner) noexcept : inner_(std::move(inner)) {}
stream::stream(stream&&) noexcept = default;
stream& stream::operator=(stream&&) noexcept = default;
stream::~stream() = default;

awaitable<result<std::size_t>> stream::read_some(std::span<std::byte> into, duration timeout) {
    return inner_->read_some(into, timeout);
}

awaitable<result<void>> stream::read(std::span<std::byte> into, duration timeout) {
    const auto started = inner_->time().now();
    std::size_t done = 0;
    while (done < into.size()) {
        auto rest = timeout;
        if (timeout != no_timeout && done > 0) rest -= inner_->time().now() - started;
        if (rest <= duration::zero()) co_return errc::timed_out;
        const auto count = co_await inner_->read_some(into.subspan(done), rest);
        if (!count) {
            const bool cut = done > 0 && count.error() == errc::end_of_stream;
            co_return cut ? make_error_code(errc::truncated) : count.error();
        }
        done += *count;
    }
    co_return result<void>{};
}

awaitable<result<void>> stream::write(std::span<const asio::const_buffer> buffers, duration stall_timeout) {
    STREAMHOST_ASSERT(buffers.size() <= most_pieces);
    pieces rest(buffers.begin(), buffers.end());
    consume(rest, 0);
    while (!rest.empty()) {
        const std::span<const asio::const_buffer> now(rest.data(), rest.size());
        const auto count = co_await inner_->write_some(now, stall_timeout);
        if (!count) co_return count.error();
        consume(rest, *count);
    }
    co_return result<void>{};
}

awaitable<result<void>> stream::write(asio::const_buffer buffer, duration stall_timeout) {
    const std::span<const asio::const_buffer> one(&buffer, 1);
    const auto done = co_await write(one, stall_timeout);
    co_return done;
}

const net_address& stream::remote() const noexcept { return inner_->remote; }
const net_address& stream::local() const noexcept { return inner_->local; }
const clock& stream::time() const noexcept { return inner_->time(); }
std::size_t stream::unsent() const noexcept { return inner_->unsent(); }
void stream::finish() { inner_->finish(); }
void stream::close() { inner_->close(); }
result<std::size_t> stream::try_read(std::span<std::byte> into) { return inner_->try_read(into); }
result<std::size_t> stream::try_write(std::span<const asio::const_buffer> buffers) { return inner_->try_write(buffers); }
result<std::size_t> stream::try_write(const memory_file& content, std::size_t offset) {
    return inner_->try_write(content, offset);
}
void stream::prefetch() const noexcept {
    // With the socket, which lies right behind.
    streamhost::prefetch(inner_.get(), sizeof(implementation) + 64);
}
void stream::when_readable(std::function<void()> then) { inner_->when_readable(std::move(then)); }
void stream::when_writable(std::function<void()> then) { inner_->when_writable(std::move(then)); }
void stream::move_to(const executor& as, timer_queue& timers) { inner_->move_to(as, timers); }
std::shared_ptr<void> stream::take_admission() noexcept { return std::exchange(inner_->admission, nullptr); }

}  // namespace streamhost
