#include <streamhost/fan_out.hpp>

#include "graph/viewer_shard.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <unordered_map>
#include <utility>

namespace streamhost {
namespace {

/// Sessions that have not said yet what they want. Beyond these the oldest gives way: a real viewer says it at once.
constexpr std::size_t most_opening = 64;

/// A viewer that is only sent something has nothing to say.
constexpr std::size_t most_ignored = 64 * 1024;

/// With fewer viewers, or in a smaller message, making the file costs more than it can save.
constexpr std::size_t viewers_for_file = 16;
constexpr std::size_t bytes_for_file = 8 * 1024;

/// Hears nothing, within limits.
class deaf_ear final : public viewer_ear {
public:
    std::optional<objection> hear(viewer&, std::span<const std::byte> said) override {
        sum_ += said.size();
        if (sum_ <= most_ignored) return std::nullopt;
        return objection{"it sends and sends, and nothing is taken here"};
    }

private:
    std::size_t sum_ = 0;
};

}  // namespace

class fan_out::engine : public std::enable_shared_from_this<fan_out::engine> {
public:
    engine(module_context& host, std::optional<listener> entrance, options chosen)
        : host_(host),
          entrance_(std::move(entrance)),
          options_(std::move(chosen)),
          count_viewers_(host.metric("viewers", "viewers now")),
          count_stalled_(host.metric("viewers_stalled", "viewers cut because they took nothing for too long")),
          count_turned_away_(host.metric("viewers_turned_away", "sessions refused because `viewers.max` were there")) {}

    /// The shard 0 is the module's own lane.
    void make_shards() {
        add_shard(host_.own_place(), 0);
        for (const auto& place : host_.viewer_lanes()) add_shard(place, shards_.size());
    }

    void close() {
        for (const auto& each : shards_) on(each, [](viewer_shard& shard) { shard.close(); });
    }

    awaitable<void> accept_viewers();
    bool admit(opened_session arrived);
    void end_channel(std::size_t channel, const std::string& why);
    void publish(wire_message content, std::int64_t arrived_ns, std::size_t channel);
    void forget_latest() {
        for (const auto& each : shards_) on(each, [](viewer_shard& shard) { shard.forget_latest(); });
    }
    void send_to(viewer& one, wire_message content, std::int64_t arrived_ns) {
        own().send_to(static_cast<viewer_seat&>(one), std::make_shared<const broadcast>(std::move(content), arrived_ns));
    }
    awaitable<void> finish(duration limit, wire_message last);
    bool has_room() const noexcept { return places_.size() < host_.viewers().max; }
    std::string turn_away(const stream& session);
    std::size_t viewers() const noexcept { return places_.size(); }
    const net_address& local() const noexcept {
        static const net_address nowhere;
        return entrance_ ? entrance_->local() : nowhere;
    }

private:
    /// A session in its handshake.
    struct opening {
        std::shared_ptr<viewer_seat> guest;
        bool gave_way = false;
    };

    /// What the module's lane knows of a viewer.
    struct place {
        std::size_t shard = 0;
        std::shared_ptr<void> admission;
    };

    void add_shard(const lane_place& place, std::size_t number);
    viewer_shard& own() { return *shards_.front(); }

    /// On the shard's lane: at once where that is the module's.
    template <class Work>
    void on(const std::shared_ptr<viewer_shard>& shard, Work work) {
        if (shard == shards_.front()) {
            work(*shard);
        } else {
            asio::post(shard->as(), [shard, work = std::move(work)]() mutable { work(*shard); });
        }
    }

    awaitable<void> receive(std::shared_ptr<opening> session);
    awaitable<bool> open(std::shared_ptr<opening> session);
    void make_room_for_opening();
    void take_in(const std::shared_ptr<viewer_seat>& guest, std::unique_ptr<viewer_ear> ear);
    std::size_t emptiest_shard() const;
    void departed(const viewer_shard::departure& news);
    void tell_viewers();

    module_context& host_;
    std::optional<listener> entrance_;
    options options_;
    std::list<std::shared_ptr<opening>> opening_;  // the oldest first
    std::unordered_map<const viewer_seat*, place> places_;
    std::vector<std::shared_ptr<viewer_shard>> shards_;
    bool finishing_ = false;
    event left_;
    counter& count_viewers_;
    counter& count_stalled_;
    counter& count_turned_away_;
};

void fan_out::engine::add_shard(const lane_place& place, std::size_t number) {
    const auto home = host_.own_place().as;
    const auto tell = [home, module = weak_from_this()](auto news) {
        asio::post(home, [module, told = std::move(news)] {
            if (const auto here = module.lock()) told(*here);
        });
    };
    shards_.push_back(std::make_shared<viewer_shard>(viewer_shard::options{
        .as = place.as,
        .timers = place.timers,
        .queues = options_.queues,
        .begins_with_latest = options_.begins_with_latest,
        .stall = host_.viewers().stall_ms,
        .message = host_.limits().message_ms,
        .on_departure = [tell](viewer_shard::departure gone) {
            tell([news = std::move(gone)](engine& here) { here.departed(news); });
        },
        .on_objection = [tell](net_address from, std::string why) {
            tell([peer = std::move(from), reason = std::move(why)](engine& here) {
                if (here.options_.on_objection) {
                    here.options_.on_objection(peer, reason);
                } else {
                    here.host_.log().warn("viewer {} is cut: {}", peer.to_string(), reason);
                }
            });
        },
        .records = host_.viewer_records(),
        .sent = host_.metric("viewer_messages_sent", "messages written to viewers", number),
        .bytes = host_.metric("viewer_bytes_sent", "bytes written to viewers", number),
        .replaced = host_.metric("viewer_messages_replaced", "messages that newer ones took the place of", number),
        .aged = host_.metric("viewer_messages_aged", "messages that had waited too long for their viewer", number),
        .left_behind = host_.metric("viewer_messages_left_behind", "messages that a viewer had not had when it went", number),
        .dropped = host_.metric("viewer_messages_dropped",
                                "messages that viewers did not get: replaced, aged or left behind", number),
    }));
}

awaitable<void> fan_out::engine::accept_viewers() {
    for (;;) {
        auto session = co_await entrance_->accept();
        if (!session && session.error() == errc::draining) break;
        if (!session) {
            host_.log().warn("cannot accept: {}", session.error().message());
            const bool go_on = co_await host_.sleep_for(std::chrono::milliseconds(100));
            if (!go_on) break;
            continue;
        }
        auto came = std::make_shared<opening>();
        came->guest = std::make_shared<viewer_seat>(std::move(*session));
        if (options_.open) {
            make_room_for_opening();
            opening_.push_back(came);
        }
        host_.spawn(receive(std::move(came)));
    }
}

std::string fan_out::engine::turn_away(const stream& session) {
    count_turned_away_.add();
    host_.log().warn("{} turned away: {} viewers are here; raise `viewers.max` to let more in",
                     session.remote().to_string(), host_.viewers().max);
    return fmt::format("all {} places for viewers are taken", host_.viewers().max);
}

void fan_out::engine::make_room_for_opening() {
    if (opening_.size() < most_opening) return;
    const auto oldest = opening_.front();
    opening_.pop_front();
    oldest->gave_way = true;
    oldest->guest->session().close();
    host_.log().warn("{} gives way: {} sessions have connected and not said what they want",
                     oldest->guest->session().remote().to_string(), most_opening);
}

awaitable<bool> fan_out::engine::open(std::shared_ptr<opening> session) {
    if (!options_.open) co_return true;
    const bool welcome = co_await options_.open(*session->guest);
    if (!session->gave_way) std::erase(opening_, session);
    co_return welcome && !session->gave_way;
}

std::size_t fan_out::engine::emptiest_shard() const {
    if (shards_.size() == 1) return 0;
    std::vector<std::size_t> viewers(shards_.size());
    for (const auto& [unused, place] : places_) ++viewers[place.shard];
    return static_cast<std::size_t>(std::min_element(viewers.begin() + 1, viewers.end()) - viewers.begin());
}

awaitable<void> fan_out::engine::receive(std::shared_ptr<opening> session) {
    const bool welcome = co_await open(session);
    if (!welcome || finishing_) co_return;
    const auto guest = session->guest;
    if (!has_room()) {
        (void)turn_away(guest->session());
        co_return;
    }

    std::unique_ptr<viewer_ear> ear;
    if (options_.ear) ear = options_.ear(*guest);
    if (!ear && !options_.listen) ear = std::make_unique<deaf_ear>();
    const bool only_sent_to = ear != nullptr;
    take_in(guest, std::move(ear));
    if (only_sent_to) co_return;
    co_await options_.listen(*guest);
    own().remove(*guest, "it closed");
}

/// From here on a shard serves it: one of the viewers' own where there are such and somebody listens to it there.
void fan_out::engine::take_in(const std::shared_ptr<viewer_seat>& guest, std::unique_ptr<viewer_ear> ear) {
    const auto shard = ear ? emptiest_shard() : 0;
    places_.emplace(guest.get(), place{shard, guest->session().take_admission()});
    tell_viewers();
    host_.log().debug("viewer {} came; {} are here", guest->session().remote().to_string(), places_.size());
    if (shard != 0) guest->session().move_to(shards_[shard]->as(), shards_[shard]->timers());
    on(shards_[shard], [guest, ear = std::move(ear)](viewer_shard& at) mutable { at.add(guest, std::move(ear)); });
}

bool fan_out::engine::admit(opened_session arrived) {
    if (finishing_) return false;
    if (!has_room()) {
        (void)turn_away(arrived.session);
        return false;
    }
    const auto guest = std::make_shared<viewer_seat>(std::move(arrived.session), std::move(arrived.shown));
    guest->choose(arrived.channels);
    if (!arrived.first.pieces.empty()) guest->reply(std::move(arrived.first));
    auto ear = std::move(arrived.ear);
    if (!ear) ear = std::make_unique<deaf_ear>();
    take_in(guest, std::move(ear));
    return true;
}

void fan_out::engine::end_channel(std::size_t channel, const std::string& why) {
    for (const auto& each : shards_) on(each, [channel, why](viewer_shard& shard) { shard.end_channel(channel, why); });
}

void fan_out::engine::departed(const viewer_shard::departure& news) {
    const auto address = news.who->session().remote().to_string();
    if (news.stalled) {
        count_stalled_.add();
        host_.log().warn("viewer {} took nothing for {} ms: cut", address, host_.viewers().stall_ms.count());
    }
    host_.log().debug("viewer {} left: {}", address, news.reason);
    places_.erase(news.who.get());
    tell_viewers();
    left_.set();
}

void fan_out::engine::tell_viewers() {
    count_viewers_.set(places_.size());
    if (options_.on_viewers) options_.on_viewers(places_.size());
}

void fan_out::engine::publish(wire_message content, std::int64_t arrived_ns, std::size_t channel) {
    auto message = std::make_shared<const broadcast>(std::move(content), arrived_ns);
    std::shared_ptr<const memory_file> file;
    if (host_.viewers().sendfile && places_.size() >= viewers_for_file && message->size >= bytes_for_file) {
        auto made = memory_file::make(message->buffers);
        if (made) file = std::make_shared<const memory_file>(std::move(*made));  // else it is sent as usual
    }
    for (const auto& each : shards_) {
        on(each, [channel, message, file](viewer_shard& shard) { shard.publish(channel, message, file); });
    }
}

awaitable<void> fan_out::engine::finish(duration limit, wire_message last) {
    finishing_ = true;
    if (entrance_) entrance_->close();
    for (const auto& each : opening_) each->guest->session().close();
    const auto word = std::make_shared<const broadcast>(std::move(last), 0);
    for (const auto& each : shards_) on(each, [word](viewer_shard& shard) { shard.finish(word); });
    bool expired = false;
    timer deadline(host_.timers());
    deadline.start_after(limit, [&] {
        expired = true;
        left_.set();
    });
    while (!places_.empty() && !expired) co_await left_.wait();
    if (!places_.empty()) host_.log().debug("{} viewers did not take the end of the stream in time", places_.size());
    close();
    places_.clear();
    tell_viewers();
}

fan_out::fan_out(module_context& host, listener entrance, options chosen)
    : engine_(std::make_shared<engine>(host, std::move(entrance), std::move(chosen))) {
    engine_->make_shards();
}

fan_out::fan_out(module_context& host, options chosen)
    : engine_(std::make_shared<engine>(host, std::nullopt, std::move(chosen))) {
    engine_->make_shards();
}

fan_out::~fan_out() { engine_->close(); }

awaitable<void> fan_out::accept_viewers() { return engine_->accept_viewers(); }
void fan_out::publish(wire_message content, std::int64_t arrived_ns, std::size_t channel) {
    engine_->publish(std::move(content), arrived_ns, channel);
}
bool fan_out::admit(opened_session arrived) { return engine_->admit(std::move(arrived)); }
void fan_out::end_channel(std::size_t channel, const std::string& why) { engine_->end_channel(channel, why); }
void fan_out::forget_latest() { engine_->forget_latest(); }
void fan_out::send_to(viewer& one, wire_message content, std::int64_t arrived_ns) {
    engine_->send_to(one, std::move(content), arrived_ns);
}
awaitable<void> fan_out::finish(duration limit, wire_message last) { return engine_->finish(limit, std::move(last)); }
std::size_t fan_out::viewers() const noexcept { return engine_->viewers(); }
bool fan_out::has_room() const noexcept { return engine_->has_room(); }
std::string fan_out::turn_away(const stream& session) { return engine_->turn_away(session); }
const net_address& fan_out::local() const noexcept { return engine_->local(); }

}  // namespace streamhost
