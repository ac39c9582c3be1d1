#include "net/instance_network.hpp"

#include "net/instance_datagrams.hpp"

#include <streamhost/event.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <optional>

namespace streamhost {

/// One lease of a listening socket with its admission.
class listener::implementation {
public:
    implementation(const instance_network_parts& parts, std::shared_ptr<listening_socket> socket, session_peers from)
        : local(socket->local()),
          parts_(parts),
          acceptor_(parts.backend.open(std::move(socket), parts.on, parts.as)),
          admission_(allow_list(parts.allow), parts.limits, parts.log, from),
          on_drain_(parts.drain, [this] { close(); }),
          accepted_(parts.metric("sessions_accepted", "sessions that were admitted")),
          refused_(parts.metric("sessions_refused", "sessions that `allow` or `limits` refused")) {}

    awaitable<result<stream>> accept() {
        duration pause = std::chrono::milliseconds(10);
        while (!ended()) {
            auto session = co_await acceptor_->accept();
            if (ended()) break;
            if (!session && session.error().value() == EMFILE) {
                parts_.log.warn("out of descriptors: new sessions wait; raise the limit of open files (ulimit -n)");
                co_await wait(pause);
                pause = std::min<duration>(pause * 2, std::chrono::seconds(1));
                continue;
            }
            if (!session) co_return session.error();
            auto place = admission_.admit((*session)->remote);
            if (!place) {
                refused_.add();
                continue;
            }
            accepted_.add();
            (*session)->admission = std::move(place);
            co_return stream(std::move(*session));
        }
        co_return errc::draining;
    }

    void close() {
        closed_ = true;
        acceptor_->cancel();
    }

    const net_address local;

private:
    bool ended() const { return closed_ || parts_.drain.draining(); }

    awaitable<void> wait(duration pause) {
        event over;
        timer deadline(parts_.on.timers());
        deadline.start_after(pause, [&over] { over.set(); });
        const drain_state::watch on_drain(parts_.drain, [&over] { over.set(); });
        co_await over.wait();
    }

    const instance_network_parts& parts_;
    std::unique_ptr<acceptor> acceptor_;
    bool closed_ = false;
    admission admission_;
    drain_state::watch on_drain_;
    counter& accepted_;
    counter& refused_;
};

listener::listener() noexcept = default;
listener::listener(std::unique_ptr<implementation> inner) noexcept : inner_(std::move(inner)) {}
listener::listener(listener&&) noexcept = default;
listener& listener::operator=(listener&&) noexcept = default;
listener::~listener() = default;
awaitable<result<stream>> listener::accept() { return inner_->accept(); }
void listener::close() { inner_->close(); }
const net_address& listener::local() const noexcept { return inner_->local; }

namespace {

constexpr auto resolve_limit = std::chrono::seconds(5);

/// One question to the system's resolver, which cannot be called back: who asked may stop waiting, and the answer is then
/// thrown away.
struct lookup {
    std::mutex mutex;
    bool wanted = true;
    std::optional<result<std::vector<net_address>>> found;
    event done;  // of the asking lane

    bool is_wanted() {
        const std::lock_guard lock(mutex);
        return wanted;
    }

    /// On a worker thread. While the answer is wanted, the lane is there.
    void answer(const executor& as, const std::shared_ptr<lookup>& self, result<std::vector<net_address>> numbers) {
        const std::lock_guard lock(mutex);
        if (!wanted) return;
        found = std::move(numbers);
        asio::post(as, [self] { self->done.set(); });
    }

    result<std::vector<net_address>> take(bool draining) {
        const std::lock_guard lock(mutex);
        wanted = false;
        if (found) return std::move(*found);
        return draining ? errc::draining : errc::timed_out;
    }
};

struct unwanted_at_end {
    std::shared_ptr<lookup> of;
    ~unwanted_at_end() {
        const std::lock_guard lock(of->mutex);
        of->wanted = false;
    }
};

}  // namespace

awaitable<result<std::vector<net_address>>> instance_network::resolve(net_address name, duration timeout) {
    error_code no_number;
    asio::ip::make_address(name.host, no_number);
    if (!no_number) co_return std::vector<net_address>{name};

    const auto question = std::make_shared<lookup>();
    const unwanted_at_end on_exit{question};  // also where the coroutine is ended hard
    parts_.run_aside([question, name, as = parts_.as, &backend = parts_.backend] {
        if (question->is_wanted()) question->answer(as, question, backend.resolve(name));
    });
    timer deadline(parts_.on.timers());
    deadline.start_after(std::min<duration>(timeout, resolve_limit), [&] { question->done.set(); });
    const drain_state::watch on_drain(parts_.drain, [&] { question->done.set(); });
    if (!parts_.drain.draining()) co_await question->done.wait();
    co_return question->take(parts_.drain.draining());
}

namespace {

/// Why an address cannot be had, and who to ask. `ss` lists the sockets of a kind by its letter.
configuration_error cannot_bind(const std::string& address, const net_address& number, error_code cause, char kind) {
    const bool taken = cause.value() == EADDRINUSE;
    const auto advice =
        taken ? fmt::format("; find who holds it with: ss -l{}np 'sport = :{}', or choose another address", kind, number.port)
              : std::string{};
    return configuration_error(fmt::format("cannot listen on {}: {}{}", address, cause.message(), advice));
}

}  // namespace

awaitable<net_address> instance_network::own_number(std::string address) {
    const auto name = net_address::parse(address);
    if (!name) throw configuration_error(fmt::format("cannot listen on \"{}\": expected HOST:PORT", address));
    auto numbers = co_await resolve(*name, resolve_limit);
    if (!numbers || numbers->empty()) {
        const auto cause = numbers ? std::string("the name has no address") : numbers.error().message();
        throw configuration_error(fmt::format("cannot listen on {}: {}", address, cause));
    }
    co_return numbers->front();
}

awaitable<listener> instance_network::listen(std::string address, session_peers from) {
    const auto number = co_await own_number(address);
    auto socket = parts_.book.lease(parts_.instance, address, number);
    if (!socket) throw cannot_bind(address, number, socket.error(), 't');
    parts_.log.debug("listening on {}", (*socket)->local().to_string());
    try {
        co_return listener(std::make_unique<listener::implementation>(parts_, std::move(*socket), from));
    } catch (const boost::system::system_error& e) {
        throw cannot_bind(address, number, e.code(), 't');
    }
}

awaitable<datagram_socket> instance_network::bind(std::string address, datagram_peers from) {
    const auto number = co_await own_number(address);
    auto socket = parts_.book.lease_datagrams(parts_.instance, address, number);
    if (!socket) throw cannot_bind(address, number, socket.error(), 'u');
    parts_.log.debug("taking datagrams at {}", (*socket)->local().to_string());
    try {
        auto port = parts_.backend.open(std::move(*socket), parts_.on, parts_.as);
        co_return make_datagram_socket(parts_, std::move(port), from);
    } catch (const boost::system::system_error& e) {
        throw cannot_bind(address, number, e.code(), 'u');
    }
}

awaitable<result<datagram_socket>> instance_network::dial_datagrams(std::string address, std::size_t turn) {
    if (parts_.drain.draining()) co_return errc::draining;
    const auto name = net_address::parse(address);
    if (!name) co_return name.error();
    auto numbers = co_await resolve(*name, resolve_limit);
    if (!numbers) co_return numbers.error();
    error_code last = asio::error::host_not_found;
    for (std::size_t i = 0; i < numbers->size(); ++i) {
        const auto& number = (*numbers)[(turn + i) % numbers->size()];
        auto port = parts_.backend.connect_datagrams(number, parts_.on, parts_.as);
        if (port) co_return make_datagram_socket(parts_, std::move(*port), datagram_peers::allowed);
        last = port.error();
    }
    co_return last;
}

awaitable<result<stream>> instance_network::dial(std::string address, duration timeout) {
    if (parts_.drain.draining()) co_return errc::draining;
    const auto name = net_address::parse(address);
    if (!name) co_return name.error();
    auto numbers = co_await resolve(*name, timeout);
    if (!numbers) co_return numbers.error();
    error_code last = asio::error::host_not_found;
    for (const auto& number : *numbers) {
        if (parts_.drain.draining()) co_return errc::draining;
        auto session = co_await parts_.backend.connect(number, parts_.on, parts_.as, timeout, parts_.drain);
        if (session) co_return stream(std::move(*session));
        last = session.error();
    }
    co_return last;
}

}  // namespace streamhost
