#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/clock.hpp>
#include <streamhost/result.hpp>

#include <boost/asio/buffer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace streamhost {

/// A host and a port as people write them: "127.0.0.1:9999", "[::1]:9999", "robot.local:9999".
struct net_address {
    std::string host;
    std::uint16_t port = 0;

    /// An error says what is wrong with the text.
    STREAMHOST_API static result<net_address> parse(std::string_view text);
    STREAMHOST_API std::string to_string() const;
    friend bool operator==(const net_address&, const net_address&) = default;
};

inline constexpr duration no_timeout = duration::max();

class memory_file;
class timer_queue;

/// One session's byte stream: a TCP connection, or an in-memory pipe of a simulation. Move-only; confined to its lane.
/// One coroutine reads and one writes at a time. An operation that exceeds its timeout ends with `errc::timed_out`, and
/// the stream is then only good for closing. Destroying a stream closes it; no operation may be pending then.
class STREAMHOST_API stream {
public:
    class implementation;

    stream() noexcept;
    explicit stream(std::unique_ptr<implementation> inner) noexcept;
    stream(stream&&) noexcept;
    stream& operator=(stream&&) noexcept;
    ~stream();

    explicit operator bool() const noexcept { return inner_ != nullptr; }

    /// At least one byte; `errc::end_of_stream` when the peer has closed.
    awaitable<result<std::size_t>> read_some(std::span<std::byte> into, duration timeout = no_timeout);

    /// Exactly all of `into`, within one timeout. `errc::end_of_stream` where the peer closed before the first byte,
    /// `errc::truncated` where it closed later.
    awaitable<result<void>> read(std::span<std::byte> into, duration timeout = no_timeout);

    /// All of the buffers in one gather write. The timeout is for progress: it starts again whenever the peer takes
    /// bytes. The buffers must stay valid until it returns.
    awaitable<result<void>> write(std::span<const asio::const_buffer> buffers, duration stall_timeout = no_timeout);
    awaitable<result<void>> write(asio::const_buffer buffer, duration stall_timeout = no_timeout);

    /// What the other functions do, for who serves thousands of these and cannot spare a coroutine for each: they do at
    /// once what can be done, or end with `asio::error::would_block`. `try_read` ends with `errc::end_of_stream` when the
    /// peer has closed; a file's bytes are sent from `offset` on and shared with the kernel, not copied.
    result<std::size_t> try_read(std::span<std::byte> into);
    result<std::size_t> try_write(std::span<const asio::const_buffer> buffers);
    result<std::size_t> try_write(const memory_file& content, std::size_t offset);
    /// Asks the processor for the memory that `try_write` is going to use, and does not wait for it.
    void prefetch() const noexcept;

    /// Calls back once, in a later turn of the lane, when there may be something to read or room to write, or when the
    /// stream has been closed. One of each kind at a time.
    void when_readable(std::function<void()> then);
    void when_writable(std::function<void()> then);

    /// From now on the stream belongs to another lane. No operation may be pending.
    void move_to(const executor& as, timer_queue& timers);

    /// The other side, and this one, as numbers.
    const net_address& remote() const noexcept;
    const net_address& local() const noexcept;

    /// The clock that its timeouts use.
    const clock& time() const noexcept;

    /// Bytes that this side has written and the peer has not yet acknowledged; 0 where that is not known.
    std::size_t unsent() const noexcept;

    /// No more writes: the peer reads to the end and sees a close. Pending reads go on.
    void finish();

    /// Ends pending operations with an error, from another coroutine of the lane, and closes.
    void close();

    /// What gives the session's place in its listener's limits back when it goes, on the lane that accepted it. Who moves
    /// the stream to another lane leaves this behind.
    std::shared_ptr<void> take_admission() noexcept;

private:
    std::unique_ptr<implementation> inner_;
};

/// A listening address. Accepts what the instance's `limits` and `allow` admit, or `limits` alone; a peer outside is closed,
/// counted, and logged once per address.
class STREAMHOST_API listener {
public:
    class implementation;

    listener() noexcept;
    explicit listener(std::unique_ptr<implementation> inner) noexcept;
    listener(listener&&) noexcept;
    listener& operator=(listener&&) noexcept;
    ~listener();

    /// The next admitted session; `errc::draining` once the host shuts down or the listener was closed.
    awaitable<result<stream>> accept();

    /// Takes no more sessions: for a server that has nothing more to serve.
    void close();

    /// What is really bound: the port is never 0.
    const net_address& local() const noexcept;

private:
    std::unique_ptr<implementation> inner_;
};

/// What has come to a datagram socket.
struct arrival {
    net_address peer;      ///< who sent it; of a refusal: whom the datagram was for that it answers
    std::size_t size = 0;  ///< bytes, from the beginning of the buffer on
    bool refused = false;  ///< no datagram, but the news (ICMP, port unreachable) that nobody receives at `peer`
    bool allowed = true;   ///< `peer` is of loopback or of a network in `allow`
};

/// Sends and receives datagrams: UDP, or a simulation's. Move-only; confined to its lane; one coroutine receives at a
/// time. Destroying it closes it; no operation may be pending then.
class STREAMHOST_API datagram_socket {
public:
    class implementation;

    datagram_socket() noexcept;
    explicit datagram_socket(std::unique_ptr<implementation> inner) noexcept;
    datagram_socket(datagram_socket&&) noexcept;
    datagram_socket& operator=(datagram_socket&&) noexcept;
    ~datagram_socket();

    explicit operator bool() const noexcept { return inner_ != nullptr; }

    /// The next datagram or refusal. One that is longer than `into`, or from an address that may not send, is dropped and
    /// counted, and an address that may not is logged once. `errc::draining` once the host shuts down or the socket was
    /// closed.
    awaitable<result<arrival>> receive(std::span<std::byte> into);

    /// Gives a datagram to the kernel at once or not at all, and never waits. Errors: `asio::error::would_block` where its
    /// buffer is full, `errc::too_large` above what a datagram carries (65,507 bytes over IPv4), the system's where there
    /// is no way to `to`. Whether it arrives is never known. Works while the host drains.
    result<void> send(std::span<const std::byte> content, const net_address& to);
    /// To the peer that was dialled.
    result<void> send(std::span<const std::byte> content) { return send(content, remote()); }

    /// Gives several datagrams to the kernel, in as few calls as it can: `content` holds them behind each other, each of
    /// `size` bytes but the last, which may be shorter. Returns how many bytes of `content` the kernel has taken, at least
    /// one datagram, always whole ones; with less than all of it, its buffer is full. Errors as of `send`, where it has taken
    /// none. Requires a `size` and a `content` that are not empty.
    result<std::size_t> send_many(std::span<const std::byte> content, std::size_t size, const net_address& to);

    /// Until the kernel's buffer may have room again, at most for `limit`.
    awaitable<void> wait_for_room(duration limit);

    /// What is really bound: the port is never 0.
    const net_address& local() const noexcept;
    /// Who was dialled; empty where the socket was bound.
    const net_address& remote() const noexcept;

    /// Ends a pending `receive`, and nothing more is sent.
    void close();

private:
    std::unique_ptr<implementation> inner_;
};

/// From whom a bound datagram socket takes datagrams.
enum class datagram_peers {
    allowed,   ///< loopback and the networks of `allow`, as a listener
    everybody  ///< for a server that asks for a proof of its own: `arrival::allowed` says who needs none
};

/// Whom a listener takes.
enum class session_peers {
    allowed,   ///< loopback and the networks of `allow`
    everybody  ///< for a server that asks each for a proof of its own
};

/// The network as one instance sees it. Lent by the context.
class STREAMHOST_API network {
public:
    virtual ~network() = default;

    /// Binds and listens, or leases the socket that an earlier life of this instance bound. Throws
    /// `configuration_error`, with address and cause, where the address cannot be had. Call it in `prepare()`.
    virtual awaitable<listener> listen(std::string address, session_peers from = session_peers::allowed) = 0;

    /// A datagram socket at an address, leased and failing as `listen()`.
    virtual awaitable<datagram_socket> bind(std::string address, datagram_peers from = datagram_peers::allowed) = 0;

    /// A datagram socket of any port for one peer: it sends to that and receives from nobody else. Fails where the name
    /// has no address, or this machine no way there; whether somebody listens is not known yet. Who hears nothing from
    /// one address of a name asks for the next one by `turn`.
    virtual awaitable<result<datagram_socket>> dial_datagrams(std::string address, std::size_t turn = 0) = 0;

    /// Resolves and connects. Ends with `errc::draining` when the host shuts down meanwhile.
    virtual awaitable<result<stream>> dial(std::string address, duration timeout = std::chrono::seconds(5)) = 0;
};

}  // namespace streamhost
