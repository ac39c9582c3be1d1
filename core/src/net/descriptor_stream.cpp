#include "net/descriptor_stream.hpp"

#include "net/operation_limit.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>

namespace streamhost {

descriptor_stream::descriptor_stream(descriptor handle, timer_queue& timers, const executor& as)
    : descriptor_(as, handle.get()), timers_(timers) {
    handle.release();
}

awaitable<result<std::size_t>> descriptor_stream::read_some(std::span<std::byte> into, duration timeout) {
    const operation_limit limit(descriptor_, timers_, timeout);
    const auto buffer = asio::buffer(into.data(), into.size());
    const auto [code, count] = co_await descriptor_.async_read_some(buffer, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

awaitable<result<std::size_t>> descriptor_stream::write_some(std::span<const asio::const_buffer> buffers,
                                                             duration timeout) {
    const operation_limit limit(descriptor_, timers_, timeout);
    const auto [code, count] = co_await descriptor_.async_write_some(buffers, asio::as_tuple(use_awaitable));
    if (!code) co_return count;
    co_return limit.explain(code);
}

void descriptor_stream::close() {
    error_code ignored;
    descriptor_.close(ignored);
}

}  // namespace streamhost
