#pragma once

#include "net/descriptor.hpp"
#include "net/stream_implementation.hpp"

#include <streamhost/timers.hpp>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace streamhost {

/// A byte stream through one descriptor that is no socket: an end of a pipe, a terminal, a serial port. `finish()` and
/// `close()` are the same here. One lane.
class descriptor_stream : public stream::implementation {
public:
    /// Takes the descriptor over. Throws `boost::system::system_error` for one that cannot be waited for, such as a file's.
    descriptor_stream(descriptor handle, timer_queue& timers, const executor& as);

    const clock& time() const noexcept override { return timers_.time(); }
    awaitable<result<std::size_t>> read_some(std::span<std::byte> into, duration timeout) override;
    awaitable<result<std::size_t>> write_some(std::span<const asio::const_buffer> buffers, duration timeout) override;
    void finish() override { close(); }
    void close() override;

protected:
    int handle() { return descriptor_.is_open() ? descriptor_.native_handle() : -1; }

private:
    asio::posix::basic_stream_descriptor<executor> descriptor_;
    timer_queue& timers_;
};

}  // namespace streamhost
