#include "net/simulated_net.hpp"

#include "async/lane.hpp"

#include <streamhost/event.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <functional>
#include <limits>
#include <vector>

namespace streamhost {
namespace {

/// What one direction holds before its writer waits; as small as a slow socket's buffers, so that tests see pressure.
constexpr std::size_t pipe_capacity = 64 * 1024;
constexpr std::uint16_t first_free_port = 49152;

/// Tells one end of a pipe, a coroutine or a callback, that the pipe has changed.
struct pipe_news {
    event changed;
    std::function<void()> call;  // posts

    void tell() {
        changed.set();  // remembered where nobody waits, so telling is always safe
        if (const auto once = std::exchange(call, nullptr)) once();
    }
};

/// One direction of a stream.
struct pipe {
    std::deque<std::byte> content;
    bool finished = false;  ///< the writer will write no more
    bool broken = false;    ///< one end has gone
    pipe_news for_reader;
    pipe_news for_writer;

    void changed() {
        for_reader.tell();
        for_writer.tell();
    }
};

/// Waits for the pipe to change, at most until the deadline; false when that has passed.
awaitable<bool> wait_until(event& changed, timer_queue& timers, steady_time deadline, bool endless) {
    bool expired = false;
    timer limit(timers);
    if (!endless) {
        limit.start(deadline, [&] {
            expired = true;
            changed.set();
        });
    }
    co_await changed.wait();
    co_return !expired;
}

error_code reset_by_peer() { return {ECONNRESET, boost::system::system_category()}; }

class pipe_stream final : public stream::implementation {
public:
    pipe_stream(std::shared_ptr<pipe> in, std::shared_ptr<pipe> out, const executor& as, timer_queue& timers,
                std::shared_ptr<simulated_net::shared_state> state);
    ~pipe_stream() override;

    const clock& time() const noexcept override { return timers_->time(); }

    result<std::size_t> try_read(std::span<std::byte> into) override {
        if (closed_) return make_error_code(asio::error::bad_descriptor);
        if (in_->content.empty() && in_->finished) return errc::end_of_stream;
        if (in_->content.empty() && in_->broken) return reset_by_peer();
        if (in_->content.empty()) return make_error_code(asio::error::would_block);
        const auto count = std::min(into.size(), in_->content.size());
        std::copy_n(in_->content.begin(), count, into.begin());
        in_->content.erase(in_->content.begin(), in_->content.begin() + static_cast<std::ptrdiff_t>(count));
        in_->for_writer.tell();
        return count;
    }

    result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override {
        if (closed_) return make_error_code(asio::error::bad_descriptor);
        if (out_->broken || out_->finished) return error_code(EPIPE, boost::system::system_category());
        if (out_->content.size() >= pipe_capacity) return make_error_code(asio::error::would_block);
        std::size_t written = 0;
        for (const auto& buffer : buffers) {
            const auto count = std::min(buffer.size(), pipe_capacity - out_->content.size());
            const auto* first = static_cast<const std::byte*>(buffer.data());
            out_->content.insert(out_->content.end(), first, first + count);
            written += count;
            if (count < buffer.size()) break;
        }
        out_->for_reader.tell();
        return written;
    }

    result<std::size_t> try_write(const memory_file&, std::size_t) override { return errc::unsupported; }

    void when_readable(std::function<void()> then) override {
        const bool already = closed_ || !in_->content.empty() || in_->finished || in_->broken;
        call_later(in_->for_reader, already, std::move(then));
    }

    void when_writable(std::function<void()> then) override {
        const bool already = closed_ || out_->content.size() < pipe_capacity || out_->finished || out_->broken;
        call_later(out_->for_writer, already, std::move(then));
    }

    void move_to(const executor& as, timer_queue& timers) override {
        executor_ = as;
        timers_ = &timers;
    }

    awaitable<result<std::size_t>> read_some(std::span<std::byte> into, duration timeout) override {
        const bool endless = timeout == no_timeout;
        const auto deadline = endless ? steady_time{} : timers_->time().now() + timeout;
        const auto from = in_;
        for (;;) {
            if (closed_) co_return make_error_code(asio::error::operation_aborted);
            const auto count = try_read(into);
            if (count || count.error() != asio::error::would_block) co_return count;
            const bool in_time = co_await wait_until(from->for_reader.changed, *timers_, deadline, endless);
            if (!in_time && from->content.empty()) co_return errc::timed_out;
        }
    }

    awaitable<result<std::size_t>> write_some(std::span<const asio::const_buffer> buffers, duration timeout) override {
        const bool endless = timeout == no_timeout;
        const auto deadline = endless ? steady_time{} : timers_->time().now() + timeout;
        const auto to = out_;
        for (;;) {
            if (closed_) co_return make_error_code(asio::error::operation_aborted);
            const auto count = try_write(buffers);
            if (count || count.error() != asio::error::would_block) co_return count;
            const bool in_time = co_await wait_until(to->for_writer.changed, *timers_, deadline, endless);
            if (!in_time && to->content.size() >= pipe_capacity) co_return errc::timed_out;
        }
    }

    std::size_t unsent() const noexcept override { return out_->content.size(); }

    void finish() override {
        out_->finished = true;
        out_->changed();
    }

    void close() override {
        if (std::exchange(closed_, true)) return;
        out_->finished = true;  // as a kernel does: what was written is still delivered
        in_->broken = true;
        in_->changed();
        out_->changed();
    }

private:
    void call_later(pipe_news& at, bool already, std::function<void()> then) {
        auto post = [as = executor_, call = std::move(then)] { asio::post(as, call); };
        if (already) {
            post();
        } else {
            at.call = std::move(post);
        }
    }

    std::shared_ptr<pipe> in_;
    std::shared_ptr<pipe> out_;
    executor executor_;
    timer_queue* timers_;
    std::shared_ptr<simulated_net::shared_state> state_;
    bool closed_ = false;
};


}  // namespace

struct simulated_net::shared_state {
    struct listener_entry {
        net_address local;
        std::deque<std::pair<std::shared_ptr<pipe>, std::shared_ptr<pipe>>> arrived;  // (in, out) of the server's end
        std::deque<net_address> peers;
        event changed;

        /// Who was never accepted sees a reset, as from a kernel.
        ~listener_entry() {
            for (auto& [in, out] : arrived) {
                in->broken = out->broken = true;
                in->changed();
                out->changed();
            }
        }
    };
    std::map<std::string, std::weak_ptr<listener_entry>> listeners;
    std::vector<std::weak_ptr<pipe>> pipes;
    std::uint16_t next_port = first_free_port;
    std::size_t open = 0;

    std::uint16_t take_port() {
        const auto taken = next_port;
        next_port = next_port == std::numeric_limits<std::uint16_t>::max() ? first_free_port : next_port + 1;
        return taken;
    }
};

namespace {

pipe_stream::pipe_stream(std::shared_ptr<pipe> in, std::shared_ptr<pipe> out, const executor& as, timer_queue& timers,
                         std::shared_ptr<simulated_net::shared_state> state)
    : in_(std::move(in)), out_(std::move(out)), executor_(as), timers_(&timers), state_(std::move(state)) {
    ++state_->open;
}

pipe_stream::~pipe_stream() {
    close();
    --state_->open;
}

using listener_entry = simulated_net::shared_state::listener_entry;

class simulated_socket final : public listening_socket {
public:
    explicit simulated_socket(std::shared_ptr<listener_entry> shared) : entry(std::move(shared)) {}
    net_address local() const override { return entry->local; }
    const std::shared_ptr<listener_entry> entry;
};

class simulated_acceptor final : public acceptor {
public:
    simulated_acceptor(std::shared_ptr<listening_socket> keep, std::shared_ptr<listener_entry> entry,
                       const executor& as, timer_queue& timers, std::shared_ptr<simulated_net::shared_state> state)
        : keep_(std::move(keep)), entry_(std::move(entry)), executor_(as), timers_(timers), state_(std::move(state)) {}

    awaitable<result<std::unique_ptr<stream::implementation>>> accept() override {
        while (entry_->arrived.empty()) {
            if (cancelled_) co_return make_error_code(asio::error::operation_aborted);
            co_await entry_->changed.wait();
        }
        auto [in, out] = std::move(entry_->arrived.front());
        entry_->arrived.pop_front();
        auto accepted = std::make_unique<pipe_stream>(std::move(in), std::move(out), executor_, timers_, state_);
        accepted->local = entry_->local;
        accepted->remote = std::move(entry_->peers.front());
        entry_->peers.pop_front();
        co_return std::move(accepted);
    }

    void cancel() override {
        cancelled_ = true;
        entry_->changed.set();
    }

private:
    std::shared_ptr<listening_socket> keep_;
    std::shared_ptr<listener_entry> entry_;
    executor executor_;
    timer_queue& timers_;
    std::shared_ptr<simulated_net::shared_state> state_;
    bool cancelled_ = false;
};

}  // namespace

simulated_net::simulated_net(std::uint64_t seed)
    : state_(std::make_shared<shared_state>()), datagrams_(seed, [state = state_] { return state->take_port(); }) {}
simulated_net::~simulated_net() = default;

void simulated_net::cut_streams() {
    for (const auto& each : state_->pipes) {
        const auto open = each.lock();
        if (!open) continue;
        open->broken = true;
        open->changed();
    }
    state_->pipes.clear();
}

std::size_t simulated_net::open_streams() const noexcept { return state_->open; }

result<std::vector<net_address>> simulated_net::resolve(const net_address& name) { return std::vector{name}; }

result<std::shared_ptr<listening_socket>> simulated_net::bind(const net_address& number) {
    auto local = number;
    if (local.port == 0) local.port = state_->take_port();
    auto& place = state_->listeners[local.to_string()];
    if (!place.expired()) return error_code(EADDRINUSE, boost::system::system_category());
    auto entry = std::make_shared<listener_entry>();
    entry->local = local;
    place = entry;
    return std::shared_ptr<listening_socket>(std::make_shared<simulated_socket>(std::move(entry)));
}

std::unique_ptr<acceptor> simulated_net::open(std::shared_ptr<listening_socket> socket, lane& on, const executor& as) {
    const auto& bound = static_cast<const simulated_socket&>(*socket);
    return std::make_unique<simulated_acceptor>(std::move(socket), bound.entry, as, on.timers(), state_);
}

result<std::shared_ptr<bound_datagrams>> simulated_net::bind_datagrams(const net_address& number) {
    return datagrams_.bind(number);
}

std::unique_ptr<datagram_port> simulated_net::open(std::shared_ptr<bound_datagrams> socket, lane& on, const executor&) {
    return datagrams_.open(std::move(socket), on);
}

result<std::unique_ptr<datagram_port>> simulated_net::connect_datagrams(const net_address& number, lane& on,
                                                                        const executor&) {
    return datagrams_.connect(number, on);
}

awaitable<result<std::unique_ptr<stream::implementation>>> simulated_net::connect(net_address number, lane& on,
                                                                                  executor as, duration, drain_state&) {
    const auto found = state_->listeners.find(number.to_string());
    const auto entry = found == state_->listeners.end() ? nullptr : found->second.lock();
    if (!entry) co_return error_code(ECONNREFUSED, boost::system::system_category());
    const auto up = std::make_shared<pipe>();
    const auto down = std::make_shared<pipe>();
    std::erase_if(state_->pipes, [](const auto& each) { return each.expired(); });
    state_->pipes.insert(state_->pipes.end(), {up, down});
    const net_address self{"127.0.0.1", state_->take_port()};
    entry->arrived.emplace_back(up, down);
    entry->peers.push_back(self);
    entry->changed.set();
    auto dialled = std::make_unique<pipe_stream>(down, up, as, on.timers(), state_);
    dialled->local = self;
    dialled->remote = number;
    co_return std::move(dialled);
}

}  // namespace streamhost
