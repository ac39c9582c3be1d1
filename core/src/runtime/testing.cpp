#include <streamhost/testing.hpp>

#include "net/address_book.hpp"
#include "net/stream_implementation.hpp"
#include "observe/log_tap.hpp"
#include "runtime/running_graph.hpp"
#include "runtime/simulation.hpp"
#include "topology/json_reader.hpp"
#include "topology/settings_check.hpp"

#include <streamhost/task_group.hpp>

#include <boost/asio/error.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace streamhost::testing {
namespace {

constexpr auto prepare_limit = std::chrono::seconds(10);
constexpr auto end_limit = std::chrono::seconds(5);
constexpr std::uint32_t most_waiting = 65'536;  // messages at an output that nobody has taken yet

std::string_view name_of(log_level level) { return log_level_names()[static_cast<std::size_t>(level)]; }

template <class Port>
std::string names_of(const std::map<std::string, Port, std::less<>>& ports) {
    std::vector<std::string> names;
    for (const auto& [name, port] : ports) names.push_back("`" + name + "`");
    return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

template <class Port>
Port& found(std::map<std::string, Port, std::less<>>& ports, std::string_view name, std::string_view kind) {
    const auto place = ports.find(name);
    if (place == ports.end()) {
        throw std::logic_error(fmt::format("there is no {} `{}` that is linked; there are {}", kind, name, names_of(ports)));
    }
    return place->second;
}

net_address parsed(std::string_view address) {
    auto number = net_address::parse(address);
    if (!number) throw std::logic_error(fmt::format("\"{}\" is no address: {}", address, number.error().message()));
    return *number;
}

}  // namespace

class peer::implementation {
public:
    void open(std::unique_ptr<stream::implementation> session) { session_ = std::move(session); }
    void fail() { closed_ = true; }

    void write(std::string_view bytes) { unsent_ += bytes; }
    std::string read() { return std::exchange(received_, {}); }
    bool closed() const noexcept { return closed_; }
    void finish() { finishing_ = true; }
    void close() {
        session_.reset();
        closed_ = true;
    }

    /// Moves what can be moved now.
    void pump() {
        if (!session_ || closed_) return;
        while (!unsent_.empty()) {
            const asio::const_buffer rest(unsent_.data(), unsent_.size());
            const auto written = session_->try_write(std::span(&rest, 1));
            if (!written) break;
            unsent_.erase(0, *written);
        }
        if (finishing_ && unsent_.empty()) {
            session_->finish();
            finishing_ = false;
        }
        std::array<std::byte, 16 * 1024> piece;
        for (;;) {
            const auto count = session_->try_read(piece);
            if (!count) {
                closed_ = count.error() != asio::error::would_block;
                break;
            }
            received_.append(reinterpret_cast<const char*>(piece.data()), *count);
        }
    }

private:
    std::unique_ptr<stream::implementation> session_;
    std::string unsent_;
    std::string received_;
    bool finishing_ = false;
    bool closed_ = false;
};

void peer::write(std::string_view bytes) { inner_->write(bytes); }
std::string peer::read() { return inner_->read(); }
bool peer::closed() const { return inner_->closed(); }
void peer::finish() { inner_->finish(); }
void peer::close() { inner_->close(); }

class harness::implementation final : public instance_host {
public:
    implementation(const module_info& type, std::string_view settings, options chosen)
        : chosen_(std::move(chosen)),
          world_(chosen_.seed),
          face_(world_.add_host()),
          book_(face_.net()),
          maker_(face_, book_, *this),
          tester_(face_.make_lane("test")),
          tasks_(tester_->own_executor()),
          tap_([this](log_level level, std::string_view name, std::string_view line) {
              if (name == instance_name) lines_.push_back(fmt::format("{}: {}", name_of(level), line));
          }) {
        graph_.plan.instances.push_back(plan_for(type, settings));
        std::vector<lane*> lanes;
        instance_ = maker_.make_instance(graph_, graph_.plan.instances.front(), lanes);
        link_inputs();
        link_outputs();
        instance_->start();
        run_until([this] { return instance_->prepared(); }, prepare_limit);
        if (instance_->state() != instance_state::prepared) {
            const auto why = instance_->over() ? instance_->failure() : std::string("prepare() does not return");
            end();
            throw configuration_error(why);
        }
        instance_->go();
    }

    ~implementation() override { end(); }

    void instance_changed() override {}
    host_snapshot snapshot() const override {
        host_snapshot now;
        now.name = "harness";
        const auto now_ns = world_.time().steady_ns();
        now.instances.push_back(instance_->snapshot(now_ns));
        for (const auto& each : book_.entries()) now.addresses.push_back({each.instance, each.address, each.bound.to_string()});
        return now;
    }
    host_services* services() override { return nullptr; }
    void stop_host(std::string_view reason) override {
        lines_.push_back(fmt::format("info: the host ends: {}", reason));
        instance_->begin_drain();
    }
    std::shared_ptr<void> shared_object(std::string_view key, const std::function<std::shared_ptr<void>()>& make) override {
        auto& place = shared_[std::string(key)];
        auto object = place.lock();
        if (!object) place = object = make();
        return object;
    }

    bool feed(std::string_view input, envelope content) {
        auto& port = *found(feeders_, input, "input");
        if (const auto* const takes = port.linked_type(); takes != nullptr && !(*takes == *content.type)) {
            throw std::logic_error(fmt::format("the input `{}` takes {}, not {}", input, takes->name, content.type->name));
        }
        port.stamp(content);
        if (port.offer(content).none()) return true;
        feeder_links_.find(input)->second->give_up(drop_reason::rejected);
        return false;
    }
    void end_input(std::string_view input) { found(feeders_, input, "input")->close(); }

    std::vector<envelope> take(std::string_view output, const message_type& type) {
        auto& port = *found(collectors_, output, "output");
        if (const auto* const gives = port.linked_type(); gives != nullptr && !(*gives == type)) {
            throw std::logic_error(fmt::format("the output `{}` gives {}, not {}", output, gives->name, type.name));
        }
        auto& waiting = taken_[std::string(output)];
        for (envelope content; port.try_next(content);) waiting.push_back(std::move(content));
        std::vector<envelope> all;
        const auto is_other = [&](const envelope& each) { return !(*each.type == type); };
        std::ranges::copy_if(waiting, std::back_inserter(all), [&](const envelope& each) { return !is_other(each); });
        std::erase_if(waiting, [&](const envelope& each) { return !is_other(each); });
        return all;
    }

    bool run_until(const std::function<bool()>& done, duration limit) {
        const auto with_peers = [&] {
            for (const auto& each : peers_) each->pump();
            return done();
        };
        return world_.run_until(with_peers, world_.time().now() + limit);
    }

    bool drain(duration limit) {
        instance_->begin_drain();
        for (auto& [name, port] : feeders_) port->close();
        return run_until([this] { return instance_->over(); }, limit);
    }

    void reconfigure(std::string_view settings) {
        const auto& now = graph_.plan.instances.front();
        auto next = plan_for(*now.info, settings);
        for (const auto& setting : now.info->settings) {
            if (setting.live || now.settings.at(setting.name) == next.settings.at(setting.name)) continue;
            throw configuration_error(fmt::format("the setting `{}` cannot change while the module runs", setting.name));
        }
        graph_.plan.instances.front().settings = next.settings;
        instance_->adjust(std::move(next));
    }

    peer connect(std::string_view address) {
        auto number = parsed(address);
        for (const auto& each : book_.entries()) {
            if (each.address == address) number = each.bound;
        }
        auto made = new_peer();
        tasks_.spawn(dial(number, made));
        run_until([] { return false; }, duration::zero());
        return peer(made);
    }

    void listen(std::string_view address) {
        auto bound = world_.net().bind(parsed(address));
        if (!bound) throw std::logic_error(fmt::format("cannot listen on {}: {}", address, bound.error().message()));
        auto& place = listeners_[std::string(address)];
        place.door = world_.net().open(std::move(*bound), *tester_, tester_->own_executor());
        tasks_.spawn(accept_all(place));
    }
    std::vector<peer> accept(std::string_view address) {
        auto& place = found(listeners_, address, "address");
        std::vector<peer> all;
        for (auto& each : std::exchange(place.arrived, {})) all.emplace_back(std::move(each));
        return all;
    }
    void refuse(std::string_view address) {
        auto& place = found(listeners_, address, "address");
        place.door->cancel();
        run_until([&] { return place.over; }, duration::zero());
        listeners_.erase(std::string(address));
    }

    simulation& world() noexcept { return world_; }
    const instance& module() const noexcept { return *instance_; }
    const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    static constexpr std::string_view instance_name = "module";

    struct listener_place {
        std::unique_ptr<acceptor> door;
        std::vector<std::shared_ptr<peer::implementation>> arrived;
        bool over = false;
    };

    /// As a topology's entry with these settings would become.
    plan_instance plan_for(const module_info& type, std::string_view settings) const {
        problem_list problems;
        plan_instance plan;
        plan.name = instance_name;
        plan.info = &type;
        plan.lane = "default";
        plan.restart.policy = chosen_.restarts ? restart_policy::on_failure : restart_policy::never;
        plan.viewers = chosen_.viewers;
        plan.limits = chosen_.limits;
        plan.allow = chosen_.allow;
        const auto given = read_json(settings, problems);
        if (given) plan.settings = check_settings(*given, given->where, "", {.settings = type.settings, .other_keys = {}}, problems).values;
        std::string text;
        for (const auto& each : problems.sorted()) text += to_text(each, "settings", {}) + "\n";
        if (problems.has_errors()) throw configuration_error(text);
        if (type.check) type.check(plan.settings);
        plan.ports = type.ports_for ? type.ports_for(plan.settings) : type.ports;
        return plan;
    }

    bool is_linked(const std::string& port) const { return std::ranges::find(chosen_.unlinked, port) == chosen_.unlinked.end(); }

    void link_inputs() {
        for (const auto& each : instance_->plan().ports.inputs) {
            if (!is_linked(each.name)) continue;
            auto& port = feeders_[each.name];
            port = std::make_unique<output_port>(each.name, tester_->own_executor(), tester_->timers(),
                                                 message_origin{.boot = face_.boot_id(), .instance = 0});
            const auto queue = chosen_.queues.find(each.name);
            const auto usual = each.type != nullptr ? each.type->defaults.link : queue_defaults{}.link;
            auto& to = instance_->input(each.name);
            const auto made = std::make_shared<link>("test -> " + each.name, *port, to,
                                                     queue != chosen_.queues.end() ? queue->second : usual, link_type_check{}, "test");
            if (const auto fault = chosen_.faults.find(each.name); fault != chosen_.faults.end()) made->inject(fault->second, chosen_.seed);
            port->attach(*made, each.type);
            to.attach(*made, each.type);
            feeder_links_[each.name] = made;
        }
    }

    void link_outputs() {
        queue_options all = usual_queue(queue_policy::drop_oldest);
        all.items = most_waiting;
        for (const auto& each : instance_->plan().ports.outputs) {
            if (!is_linked(each.name)) continue;
            auto& port = collectors_[each.name];
            port = std::make_unique<input_port>(each.name, tester_->own_executor(), world_.time());
            port->set_running(true);
            auto& from = instance_->output(each.name);
            collector_links_.push_back(std::make_shared<link>(each.name + " -> test", from, *port, all));
            from.attach(*collector_links_.back(), each.type);
            port->attach(*collector_links_.back(), each.type);
        }
    }

    std::shared_ptr<peer::implementation> new_peer() {
        std::erase_if(peers_, [](const auto& each) { return each.use_count() == 1 && each->closed(); });
        return peers_.emplace_back(std::make_shared<peer::implementation>());
    }

    awaitable<void> dial(net_address number, std::shared_ptr<peer::implementation> into) {
        auto session = co_await world_.net().connect(number, *tester_, tester_->own_executor(), no_timeout, drain_);
        if (session) into->open(std::move(*session));
        else into->fail();
    }

    awaitable<void> accept_all(listener_place& at) {
        for (;;) {
            auto session = co_await at.door->accept();
            if (!session) break;
            auto made = new_peer();
            made->open(std::move(*session));
            at.arrived.push_back(std::move(made));
        }
        at.over = true;
    }

    void end() {
        if (instance_ && !instance_->over() && !drain(end_limit)) {
            instance_->terminate();
            run_until([this] { return instance_->over(); }, end_limit);
        }
        for (auto& each : peers_) each->close();
        for (auto& [name, each] : listeners_) each.door->cancel();
        run_until([] { return false; }, duration::zero());
        for (auto& [name, each] : graph_.lanes) face_.end_lane(*each);
        face_.end_lane(*tester_);
    }

    options chosen_;
    mutable simulation world_;
    streamhost::world& face_;
    address_book book_;
    graph_maker maker_;
    std::unique_ptr<lane> tester_;
    drain_state drain_;
    running_graph graph_;
    std::map<std::string, std::weak_ptr<void>> shared_;
    std::vector<std::string> lines_;
    std::map<std::string, listener_place, std::less<>> listeners_;
    std::vector<std::shared_ptr<peer::implementation>> peers_;
    task_group tasks_;
    std::map<std::string, std::unique_ptr<output_port>, std::less<>> feeders_;
    std::map<std::string, std::unique_ptr<input_port>, std::less<>> collectors_;
    std::map<std::string, std::vector<envelope>, std::less<>> taken_;
    std::map<std::string, std::shared_ptr<link>, std::less<>> feeder_links_;
    std::vector<std::shared_ptr<link>> collector_links_;
    std::shared_ptr<instance> instance_;
    log_tap tap_;
};

harness::harness(const module_info& type, std::string_view settings, options chosen)
    : inner_(std::make_unique<implementation>(type, settings, std::move(chosen))) {}
harness::~harness() = default;

void harness::end(std::string_view input) { inner_->end_input(input); }
bool harness::feed_any(std::string_view input, envelope content) { return inner_->feed(input, std::move(content)); }
std::vector<envelope> harness::take_any(std::string_view output, const message_type& type) { return inner_->take(output, type); }
void harness::run_for(duration span) { inner_->run_until([] { return false; }, span); }
bool harness::run_until(const std::function<bool()>& done, duration limit) { return inner_->run_until(done, limit); }
bool harness::drain(duration limit) { return inner_->drain(limit); }
void harness::reconfigure(std::string_view settings) { inner_->reconfigure(settings); }
peer harness::connect(std::string_view address) { return inner_->connect(address); }
void harness::listen(std::string_view address) { inner_->listen(address); }
std::vector<peer> harness::accept(std::string_view address) { return inner_->accept(address); }
void harness::refuse(std::string_view address) { inner_->refuse(address); }
void harness::cut_sessions() { inner_->world().net().cut_streams(); }
instance_snapshot harness::snapshot() const { return inner_->module().snapshot(clock().steady_ns()); }
std::vector<std::string> harness::log() const { return inner_->lines(); }
const clock& harness::clock() const { return inner_->world().time(); }

std::uint64_t harness::metric(std::string_view name) const {
    std::uint64_t found = 0;
    inner_->module().for_each_metric([&](const std::string& each, const std::string&, std::uint64_t value) {
        if (each == name) found = value;
    });
    return found;
}

}  // namespace streamhost::testing
