#include "net/simulated_datagrams.hpp"

#include "async/lane.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cerrno>
#include <random>

namespace streamhost {
namespace {

/// What waits for a receiver, as in a kernel's buffer; more is lost.
constexpr std::size_t inbox_capacity = 4 * 1024 * 1024;

/// What UDP over IPv4 carries.
constexpr std::size_t largest_datagram = 65'507;

}  // namespace

struct simulated_datagrams::inbox {
    struct item {
        arrival what;
        std::vector<std::byte> content;
    };

    net_address local;
    net_address only;  ///< the one peer of a port that was dialled; else empty
    std::multimap<steady_time, item> waiting;  ///< by the time that it can be had
    std::size_t bytes = 0;
    event changed;

    void add(steady_time due, item one) {
        if (bytes + one.content.size() > inbox_capacity) return;
        bytes += one.content.size();
        waiting.emplace(due, std::move(one));
        changed.set();
    }

    item take() {
        auto first = waiting.extract(waiting.begin());
        bytes -= first.mapped().content.size();
        return std::move(first.mapped());
    }
};

namespace {

using inbox = simulated_datagrams::inbox;

class simulated_binding final : public bound_datagrams {
public:
    explicit simulated_binding(std::shared_ptr<inbox> shared) : box(std::move(shared)) {}
    net_address local() const override { return box->local; }
    const std::shared_ptr<inbox> box;
};

}  // namespace

class simulated_port final : public datagram_port {
public:
    simulated_port(std::shared_ptr<bound_datagrams> keep, std::shared_ptr<inbox> box, simulated_datagrams& net,
                   timer_queue& timers)
        : keep_(std::move(keep)), box_(std::move(box)), net_(net), timers_(timers) {
        local = box_->local;
        remote = box_->only;
    }

    awaitable<result<arrival>> receive(std::span<std::byte> into) override {
        while (!cancelled_) {
            timer next(timers_);
            if (!box_->waiting.empty()) {
                const auto due = box_->waiting.begin()->first;
                if (due <= timers_.time().now()) co_return hand_over(into);
                next.start(due, [this] { box_->changed.set(); });
            }
            co_await box_->changed.wait();
        }
        co_return make_error_code(asio::error::operation_aborted);
    }

    result<void> send(std::span<const std::byte> content, const net_address& to) override {
        return net_.send(*box_, content, to, timers_.time().now());
    }

    awaitable<void> wait_for_room(duration limit) override {
        event over;
        timer deadline(timers_);
        deadline.start_after(limit, [&over] { over.set(); });
        if (net_.faults.full) co_await over.wait();
    }

    void cancel() override {
        cancelled_ = true;
        box_->changed.set();
    }

private:
    arrival hand_over(std::span<std::byte> into) {
        const auto item = box_->take();
        std::copy_n(item.content.begin(), std::min(into.size(), item.content.size()), into.begin());
        return item.what;
    }

    std::shared_ptr<bound_datagrams> keep_;
    std::shared_ptr<inbox> box_;
    simulated_datagrams& net_;
    timer_queue& timers_;
    bool cancelled_ = false;
};

simulated_datagrams::simulated_datagrams(std::uint64_t seed, std::function<std::uint16_t()> free_port)
    : random_(seed), free_port_(std::move(free_port)) {}

bool simulated_datagrams::chance(double share) {
    // Nothing is drawn where nothing was asked for, so that a fault in one test changes no other.
    return share > 0 && std::uniform_real_distribution<double>(0, 1)(random_) < share;
}

result<std::shared_ptr<inbox>> simulated_datagrams::make_inbox(net_address local) {
    if (local.port == 0) local.port = free_port_();
    auto& place = inboxes_[local.to_string()];
    if (!place.expired()) return error_code(EADDRINUSE, boost::system::system_category());
    auto box = std::make_shared<inbox>();
    box->local = std::move(local);
    place = box;
    return box;
}

result<std::shared_ptr<bound_datagrams>> simulated_datagrams::bind(const net_address& number) {
    auto box = make_inbox(number);
    if (!box) return box.error();
    return std::shared_ptr<bound_datagrams>(std::make_shared<simulated_binding>(std::move(*box)));
}

std::unique_ptr<datagram_port> simulated_datagrams::open(std::shared_ptr<bound_datagrams> socket, lane& on) {
    auto box = static_cast<const simulated_binding&>(*socket).box;
    return std::make_unique<simulated_port>(std::move(socket), std::move(box), *this, on.timers());
}

std::unique_ptr<datagram_port> simulated_datagrams::connect(const net_address& number, lane& on) {
    auto box = *make_inbox({"127.0.0.1", 0});
    box->only = number;
    return std::make_unique<simulated_port>(nullptr, std::move(box), *this, on.timers());
}

result<void> simulated_datagrams::send(inbox& from, std::span<const std::byte> content, const net_address& to,
                                       steady_time now) {
    if (content.size() > largest_datagram) return errc::too_large;
    if (faults.full) return make_error_code(asio::error::would_block);
    const auto found = inboxes_.find(to.to_string());
    const auto receiver = found == inboxes_.end() ? nullptr : found->second.lock();
    if (!receiver) {
        if (faults.refuses) from.add(now, {arrival{.peer = to, .refused = true}, {}});
        return {};
    }
    if (!receiver->only.host.empty() && receiver->only != from.local) return {};  // a kernel refuses it, some drop it
    if (chance(faults.lost)) {
        ++lost;
        return {};
    }
    deliver(*receiver, from.local, content, now);
    if (chance(faults.doubled)) deliver(*receiver, from.local, content, now);
    return {};
}

void simulated_datagrams::deliver(inbox& to, const net_address& from, std::span<const std::byte> content,
                                  steady_time now) {
    const auto due = chance(faults.late) ? now + faults.late_by : now;
    to.add(due, {arrival{from, content.size()}, {content.begin(), content.end()}});
}

}  // namespace streamhost
