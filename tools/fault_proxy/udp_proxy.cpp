#include "address.hpp"
#include "decisions.hpp"
#include "delay_line.hpp"
#include "departures.hpp"
#include "proxy.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>

#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace fault_proxy {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using streamhost::awaitable;
using streamhost::executor;
using udp = asio::ip::udp;
using datagram_socket = asio::basic_datagram_socket<udp, executor>;

constexpr std::size_t most_flows = 1024;
constexpr std::size_t largest_datagram = 65'535;
constexpr int socket_buffer = 4 << 20;  // so that bursts are lost by decision only
/// How long a datagram waits for another one to overtake it.
constexpr auto longest_hold = std::chrono::milliseconds(100);

constexpr auto as_result = asio::as_tuple(streamhost::use_awaitable);

/// One direction of one flow. Nothing moves it: its coroutines refer to it.
class datagram_way {
public:
    /// `send` gives false where the datagram could not leave.
    using sender = std::function<bool(const std::string& datagram)>;

    datagram_way(executor on, const faults& suffered, decisions chances, way_counters& counts, sender send)
        : faults_(suffered), decisions_(std::move(chances)), departures_(suffered), counts_(counts), send_(std::move(send)),
          line_(on), hold_(on) {}

    void take(std::string datagram) {
        ++counts_.packets_in;
        counts_.bytes_in += datagram.size();
        const auto chance = decisions_.next();
        if (departures_.is_cut()) {
            ++counts_.cut;
            return;
        }
        const auto due = departures_.next(std::chrono::steady_clock::now(), datagram.size(), chance.jitter);
        if (chance.lose) {
            ++counts_.lost;
            return;
        }
        if (chance.reorder && !held_) {
            ++counts_.reordered;
            held_ = {std::move(datagram), chance.duplicate};
            hold_.expires_at(due + longest_hold);
            holding_.set();
            return;
        }
        store(due, datagram, chance.duplicate);
        release(due);
    }

    /// Until it is cancelled.
    awaitable<void> deliver() {
        for (;;) {
            const auto datagram = co_await line_.next();
            if (!datagram) break;
            if (!send_(*datagram)) {
                ++counts_.overflowed;
                continue;
            }
            ++counts_.packets_out;
            counts_.bytes_out += datagram->size();
        }
    }

    /// Lets go what nothing has overtaken in time. Until it is cancelled.
    awaitable<void> end_holds() {
        for (;;) {
            if (!held_) {
                co_await holding_.wait();
                continue;
            }
            const auto [code] = co_await hold_.async_wait(as_result);
            if (!code) release(std::chrono::steady_clock::now());
        }
    }

private:
    struct held {
        std::string datagram;
        bool twice = false;
    };

    void store(departures::time due, const std::string& datagram, bool twice) {
        if (line_.bytes() + datagram.size() > faults_.queue) {
            ++counts_.overflowed;
            return;
        }
        line_.push(due, datagram);
        if (!twice) return;
        ++counts_.duplicated;
        line_.push(due, datagram);
    }

    void release(departures::time due) {
        if (!held_) return;
        store(due, held_->datagram, held_->twice);
        held_.reset();
        hold_.cancel();
    }

    faults faults_;
    decisions decisions_;
    departures departures_;
    way_counters& counts_;
    sender send_;
    delay_line line_;
    std::optional<held> held_;
    steady_timer hold_;
    streamhost::event holding_;
};

void prepare(datagram_socket& socket) {
    socket.non_blocking(true);
    error_code ignored;  // the kernel has its own limits
    socket.set_option(asio::socket_base::receive_buffer_size(socket_buffer), ignored);
    socket.set_option(asio::socket_base::send_buffer_size(socket_buffer), ignored);
}

/// Who called from one address, and a socket of its own at which the target answers.
class flow {
public:
    flow(executor on, const proxy_options& chosen, counters& counts, datagram_socket& entrance, const udp::endpoint& caller,
         const udp::endpoint& target)
        : beyond_(on, target.protocol()),
          up_(on, chosen.up, {chosen.seed, direction::up, counts.flows, chosen.up}, counts.up,
              [this](const std::string& datagram) {
                  error_code code;
                  beyond_.send(asio::buffer(datagram), 0, code);
                  return !code || code == asio::error::connection_refused;  // of an earlier one: this one has left
              }),
          down_(on, chosen.down, {chosen.seed, direction::down, counts.flows, chosen.down}, counts.down,
                [&entrance, caller](const std::string& datagram) {
                    error_code code;
                    entrance.send_to(asio::buffer(datagram), caller, 0, code);
                    return !code;
                }) {
        prepare(beyond_);
        beyond_.connect(target);
    }

    void start(streamhost::task_group& tasks) {
        for (auto* const way : {&up_, &down_}) {
            tasks.spawn(way->deliver());
            tasks.spawn(way->end_holds());
        }
        tasks.spawn(receive());
    }

    datagram_way& up() noexcept { return up_; }

private:
    awaitable<void> receive() {
        std::string buffer(largest_datagram, '\0');
        for (;;) {
            const auto [code, size] = co_await beyond_.async_receive(asio::buffer(buffer), as_result);
            if (!code) down_.take(buffer.substr(0, size));  // an error: nobody listens there, which may change
        }
    }

    datagram_socket beyond_;
    datagram_way up_;
    datagram_way down_;
};

class udp_proxy final : public proxy {
public:
    udp_proxy(executor on, const proxy_options& chosen)
        : executor_(on),
          options_(chosen),
          target_(parse_endpoint<udp>(chosen.to)),
          entrance_(on, parse_endpoint<udp>(chosen.listen)),
          tasks_(on) {
        prepare(entrance_);
    }

    std::string address() const override { return to_text(entrance_.local_endpoint()); }
    const counters& counts() const override { return counts_; }

    awaitable<void> run() override {
        tasks_.spawn(receive());
        co_await tasks_.join();
    }

private:
    awaitable<void> receive() {
        std::string buffer(largest_datagram, '\0');
        udp::endpoint from;
        for (;;) {
            const auto [code, size] = co_await entrance_.async_receive_from(asio::buffer(buffer), from, as_result);
            if (code) continue;  // of one that was sent before
            if (auto* const known = find(from)) known->up().take(buffer.substr(0, size));
        }
    }

    flow* find(const udp::endpoint& from) {
        const auto known = flows_.find(from);
        if (known != flows_.end()) return &known->second;
        if (flows_.size() == most_flows) {
            ++counts_.refused;
            return nullptr;
        }
        auto& made = flows_.try_emplace(from, executor_, options_, counts_, entrance_, from, target_).first->second;
        ++counts_.flows;
        made.start(tasks_);
        return &made;
    }

    executor executor_;
    proxy_options options_;
    udp::endpoint target_;
    datagram_socket entrance_;
    counters counts_;
    std::map<udp::endpoint, flow> flows_;
    streamhost::task_group tasks_;
};

}  // namespace

std::unique_ptr<proxy> make_udp_proxy(executor on, const proxy_options& chosen) {
    return std::make_unique<udp_proxy>(on, chosen);
}

}  // namespace fault_proxy
