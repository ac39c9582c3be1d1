#include "address.hpp"
#include "decisions.hpp"
#include "delay_line.hpp"
#include "departures.hpp"
#include "proxy.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <utility>

namespace fault_proxy {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using streamhost::awaitable;
using streamhost::executor;
using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, executor>;

constexpr std::size_t largest_read = 16'384;
constexpr std::size_t most_connections = 1024;
constexpr auto longest_acknowledgement = std::chrono::seconds(10);
constexpr auto retry_accept = std::chrono::milliseconds(50);

constexpr auto as_result = asio::as_tuple(streamhost::use_awaitable);

/// Ends it so that the other side sees a reset.
void reset(tcp_socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

class connection {
public:
    connection(executor on, tcp_socket client, tcp_socket server, const proxy_options& chosen, counters& counts,
               std::uint64_t number)
        : client_(std::move(client)),
          server_(std::move(server)),
          up_{.from = client_, .to = server_, .suffered = chosen.up, .counts = counts.up, .line = delay_line(on),
              .when = departures(chosen.up), .chances = {chosen.seed, direction::up, number, chosen.up}},
          down_{.from = server_, .to = client_, .suffered = chosen.down, .counts = counts.down, .line = delay_line(on),
                .when = departures(chosen.down), .chances = {chosen.seed, direction::down, number, chosen.down}},
          cut_timer_(on),
          tasks_(on) {}

    awaitable<void> run() {
        for (auto* const each : {&up_, &down_}) {
            tasks_.spawn(receive(*each));
            tasks_.spawn(deliver(*each));
        }
        co_await tasks_.join();
    }

private:
    struct way {
        tcp_socket& from;
        tcp_socket& to;
        const faults& suffered;
        way_counters& counts;
        delay_line line;
        departures when;
        decisions chances;
    };

    /// Reads up to the next place where something is to happen, so that it happens at that very byte.
    awaitable<void> receive(way& own) {
        std::string buffer(largest_read, '\0');
        while (!own.line.aborted() && !own.when.is_cut()) {
            if (own.line.bytes() >= own.suffered.queue) {
                co_await own.line.wait_for_room();
                continue;
            }
            const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), own.when.bytes_to_boundary()));
            const auto [code, size] = co_await own.from.async_read_some(asio::buffer(buffer.data(), most), as_result);
            if (code == asio::error::eof) break;
            if (code) {
                break_off();
                co_return;
            }
            ++own.counts.packets_in;
            own.counts.bytes_in += size;
            const auto due = own.when.next(std::chrono::steady_clock::now(), size, own.chances.next().jitter);
            own.line.push(due, buffer.substr(0, size));
        }
        own.line.close();
    }

    awaitable<void> deliver(way& own) {
        for (;;) {
            const auto packet = co_await own.line.next();
            if (!packet) break;
            const auto [code, size] = co_await asio::async_write(own.to, asio::buffer(*packet), as_result);
            if (code) {
                break_off();
                co_return;
            }
            ++own.counts.packets_out;
            own.counts.bytes_out += size;
        }
        if (own.line.aborted()) co_return;
        if (own.when.is_cut()) {
            co_await wait_acknowledged(own.to);
            ++own.counts.cut;
            break_off();
            co_return;
        }
        error_code ignored;
        own.to.shutdown(tcp_socket::shutdown_send, ignored);
    }

    /// A reset takes with it what the kernel has not sent yet.
    awaitable<void> wait_acknowledged(tcp_socket& socket) {
        const auto give_up = std::chrono::steady_clock::now() + longest_acknowledgement;
        int unsent = 0;
        while (socket.is_open() && ::ioctl(socket.native_handle(), SIOCOUTQ, &unsent) == 0 && unsent > 0) {
            if (std::chrono::steady_clock::now() > give_up) break;
            cut_timer_.expires_after(std::chrono::milliseconds(1));
            (void)co_await cut_timer_.async_wait(as_result);
        }
    }

    void break_off() {
        up_.line.abort();
        down_.line.abort();
        reset(client_);
        reset(server_);
    }

    tcp_socket client_;
    tcp_socket server_;
    way up_;
    way down_;
    steady_timer cut_timer_;
    streamhost::task_group tasks_;
};

class tcp_proxy final : public proxy {
public:
    tcp_proxy(executor on, const proxy_options& chosen)
        : executor_(on),
          options_(chosen),
          target_(parse_endpoint<tcp>(chosen.to)),
          entrance_(on, parse_endpoint<tcp>(chosen.listen)),
          tasks_(on) {}

    std::string address() const override { return to_text(entrance_.local_endpoint()); }
    const counters& counts() const override { return counts_; }

    awaitable<void> run() override {
        tasks_.spawn(accept());
        co_await tasks_.join();
    }

private:
    awaitable<void> accept() {
        steady_timer pause(executor_);
        for (;;) {
            tcp_socket caller(executor_);
            const auto [code] = co_await entrance_.async_accept(caller, as_result);
            if (code) {  // no descriptors left, as a rule
                pause.expires_after(retry_accept);
                (void)co_await pause.async_wait(as_result);
                continue;
            }
            tasks_.spawn(serve(std::move(caller)));
        }
    }

    awaitable<void> serve(tcp_socket caller) {
        tcp_socket server(executor_);
        if (open_ == most_connections) {
            ++counts_.refused;
            reset(caller);
            co_return;
        }
        ++open_;
        const auto [code] = co_await server.async_connect(target_, as_result);
        if (code) {
            ++counts_.refused;
            reset(caller);
        } else {
            error_code ignored;
            for (auto* const each : {&caller, &server}) each->set_option(tcp::no_delay(true), ignored);
            connection session(executor_, std::move(caller), std::move(server), options_, counts_, counts_.flows++);
            co_await session.run();
        }
        --open_;
    }

    executor executor_;
    proxy_options options_;
    tcp::endpoint target_;
    asio::basic_socket_acceptor<tcp, executor> entrance_;
    counters counts_;
    std::size_t open_ = 0;
    streamhost::task_group tasks_;
};

}  // namespace

std::unique_ptr<proxy> make_tcp_proxy(executor on, const proxy_options& chosen) {
    return std::make_unique<tcp_proxy>(on, chosen);
}

}  // namespace fault_proxy
