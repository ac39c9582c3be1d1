#include "runtime/instance.hpp"

#include "runtime/describe_exception.hpp"

#include <streamhost/assert.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace streamhost {
namespace {

constexpr auto first_restart_delay = std::chrono::milliseconds(250);
constexpr auto longest_restart_delay = std::chrono::seconds(10);

template <class Ports>
auto& named(Ports& ports, std::string_view name) {
    const auto found = std::ranges::find_if(ports, [name](const auto& port) { return port->name() == name; });
    STREAMHOST_ASSERT(found != ports.end());
    return **found;
}

}  // namespace

std::string_view to_string(instance_state state) noexcept {
    switch (state) {
        case instance_state::starting: return "starting";
        case instance_state::prepared: return "prepared";
        case instance_state::running: return "running";
        case instance_state::restarting: return "restarting";
        case instance_state::ended: return "ended";
        case instance_state::failed: return "failed";
    }
    return "unknown";
}

instance::instance(plan_instance plan, world& world, lane& on, const std::vector<lane*>& viewer_lanes,
                   address_book& book, socket_holder holder, instance_host& host, message_origin origin)
    : plan_(std::move(plan)),
      settings_(plan_.settings),
      restart_(plan_.restart),
      optional_(plan_.optional),
      essential_(plan_.essential),
      world_(world),
      lane_(on),
      book_(book),
      holder_(holder),
      host_(host),
      origin_(origin),
      activity_{plan_.name},
      executor_(on.executor_for(activity_)),
      log_(plan_.name, plan_.info->type, plan_.log_level),
      random_(world.random_seed()),
      children_(world.make_child_runner(on, executor_)),
      terminal_(plan_.name, world.terminal(), executor_, drain_, on.timers()),
      view_({.snapshot = [&host] { return host.snapshot(); }, .services = host.services(), .on = on, .drain = drain_}),
      context_(*this),
      restart_delay_(first_restart_delay, longest_restart_delay),
      supervisor_(executor_) {
    begin_life();
    for (auto* const each : viewer_lanes) {
        viewer_lanes_.push_back({each->executor_for(viewer_activities_.emplace_back(plan_.name + " (viewers)")), each->timers()});
    }
    for (const auto& port : plan_.ports.inputs) {
        inputs_.push_back(std::make_unique<input_port>(port.name, executor_, world.time()));
    }
    for (const auto& port : plan_.ports.outputs) {
        outputs_.push_back(std::make_unique<output_port>(port.name, executor_, on.timers(), origin));
    }
    network_ = std::make_unique<instance_network>(instance_network_parts{
        .instance = {.holder = holder, .name = plan_.name},
        .backend = world.net(),
        .book = book,
        .on = on,
        .as = executor_,
        .drain = drain_,
        .log = log_,
        .limits = plan_.limits,
        .allow = plan_.allow,
        .metric = [this](std::string_view name, std::string_view help) -> counter& { return metric(name, help, 0); },
        .run_aside = [this](std::function<void()> job) { world_.run_aside(std::move(job)); },
    });
}

instance::~instance() = default;

void instance::start() {
    asio::post(executor_, [this] { supervisor_.spawn(supervise()); });
}

void instance::go() {
    asio::post(executor_, [this] {
        may_go_ = true;
        go_.set();
        if (over()) close_outputs();
    });
}

void instance::begin_drain() {
    asio::post(executor_, [this] {
        drain_.begin();
        book_.release(holder_);
        go_.set();
    });
}

void instance::terminate() {
    asio::post(executor_, [this] {
        terminated_ = true;
        drain_.begin();
        go_.set();
        preparing_->terminate();
        tasks_->terminate();
    });
}

void instance::adjust(plan_instance next) {
    optional_ = next.optional;
    essential_ = next.essential;
    log_.set_usual_level(next.info->type, next.log_level);
    asio::post(executor_, [this, restart = next.restart, settings = std::move(next.settings)]() mutable {
        restart_ = restart;
        if (settings_ != settings) take_settings(std::move(settings));
    });
}

void instance::take_settings(boost::json::object settings) {
    settings_ = std::move(settings);
    if (!module_ || state() != instance_state::running) return;  // its next life begins with them
    try {
        plan_.info->reconfigure(*module_, settings_);
        log_.info("goes on with other settings");
    } catch (...) {
        // A failure like any other.
        tasks_->spawn([](std::exception_ptr failure) -> awaitable<void> {
            std::rethrow_exception(failure);
            co_return;
        }(std::current_exception()));
    }
}

input_port& instance::input(std::string_view port) { return named(inputs_, port); }
output_port& instance::output(std::string_view port) { return named(outputs_, port); }

void instance::set_running(bool running) {
    for (auto& port : inputs_) port->set_running(running);
}

void instance::set_state(instance_state state, std::string failure) {
    {
        const std::lock_guard lock(text_mutex_);
        failure_ = std::move(failure);
    }
    state_.store(state, std::memory_order_release);
    host_.instance_changed();
}

std::string instance::failure() const {
    const std::lock_guard lock(text_mutex_);
    return failure_;
}

std::string instance::condition() const {
    const std::lock_guard lock(text_mutex_);
    return condition_;
}

counter& instance::metric(std::string_view name, std::string_view help, std::size_t lane) {
    const std::lock_guard lock(metrics_mutex_);
    auto found = metrics_.find(name);
    if (found == metrics_.end()) {
        found = metrics_.try_emplace(std::string(name)).first;
        found->second.help = help;
    }
    auto& parts = found->second.parts;
    while (parts.size() <= lane) parts.emplace_back();
    return parts[lane];
}

std::uint64_t instance::metric_entry::sum() const noexcept {
    std::uint64_t all = 0;
    for (const auto& part : parts) all += part.value();
    return all;
}

void instance::for_each_metric(
    const std::function<void(const std::string&, const std::string&, std::uint64_t)>& visit) const {
    const std::lock_guard lock(metrics_mutex_);
    for (const auto& [name, entry] : metrics_) visit(name, entry.help, entry.sum());
}

instance_snapshot instance::snapshot(std::int64_t now_ns) const {
    instance_snapshot now{
        .name = name(),
        .type = plan_.info->type,
        .lane = plan_.lane,
        .state = std::string(to_string(state())),
        .condition = condition(),
        .failure = failure(),
        .restarts = restarts(),
        .busy_ns = busy_ns(),
    };
    for (const auto& port : inputs_) now.inputs.push_back(port->name());
    for (const auto& port : outputs_) now.outputs.push_back({port->name(), port->sent.value(), port->post_dropped.value()});
    for_each_metric([&](const std::string& name, const std::string& help, std::uint64_t value) {
        now.metrics.push_back({name, help, value});
    });
    now.viewers = viewers_.snapshot(now_ns);
    return now;
}

awaitable<std::exception_ptr> instance::join(task_group& group) {
    std::exception_ptr failure;
    try {
        co_await group.join();
    } catch (...) {
        failure = std::current_exception();
    }
    co_return failure;
}

awaitable<bool> instance::pause(duration delay) {
    event over;
    timer deadline(lane_.timers());
    deadline.start_after(delay, [&over] { over.set(); });
    const drain_state::watch on_drain(drain_, [&over] { over.set(); });
    if (!drain_.draining()) co_await over.wait();
    co_return !drain_.draining();
}

/// A group in which a child has failed ends whatever comes later, so each life has its own.
void instance::begin_life() {
    preparing_.emplace(executor_);
    tasks_.emplace(executor_);
}

awaitable<std::exception_ptr> instance::live() {
    std::exception_ptr failure;
    try {
        module_ = plan_.info->factory(context_, settings_);
        preparing_->spawn(module_->prepare());
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) failure = co_await join(*preparing_);
    // Where prepare() was ended hard, nothing is prepared, though that is no failure.
    if (!failure && !terminated_) {
        set_running(true);
        set_state(instance_state::prepared);
        while (!may_go_ && !drain_.draining()) co_await go_.wait();
        if (may_go_) {
            set_state(instance_state::running);
            tasks_->spawn(module_->run());
        }
    }
    // Also after a failed prepare(): it may have started tasks already.
    if (failure) tasks_->terminate();
    auto run_failure = co_await join(*tasks_);
    if (!failure) failure = run_failure;
    set_running(false);
    module_.reset();
    co_return failure;
}

/// What ends by the drain itself ends well.
bool instance::is_way_of_draining(const std::exception_ptr& failure) const {
    if (!drain_.draining()) return false;
    try {
        std::rethrow_exception(failure);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted || e.code() == errc::draining;
    } catch (...) {
        return false;  // a failure like any other
    }
}

bool instance::may_restart(const std::exception_ptr& failure) {
    if (drain_.draining() || terminated_) return false;
    const auto& options = restart_;
    const bool wanted = options.policy == restart_policy::always ||
                        (options.policy == restart_policy::on_failure && failure != nullptr);
    // Before the host has started there is nobody to serve: a failure is the operator's to mend, and stops the start.
    if (!wanted || (!may_go_ && !optional())) return false;
    const auto now = world_.time().now();
    std::erase_if(recent_restarts_, [&](steady_time then) { return now - then > options.window; });
    if (recent_restarts_.size() >= options.count && !(optional() && !may_go_)) {
        log_.warn("not started again: {} restarts in {} s", recent_restarts_.size(), options.window.count());
        return false;
    }
    recent_restarts_.push_back(now);
    return true;
}

void instance::close_outputs() {
    for (auto& port : outputs_) port->close();
}

awaitable<void> instance::supervise() {
    for (;;) {
        const auto lived_from = world_.time().now();
        auto failure = co_await live();
        if (failure && is_way_of_draining(failure)) failure = nullptr;
        const auto text = failure ? describe_exception(failure) : std::string{};
        if (!may_restart(failure)) {
            if (failure && may_go_) log_.error("failed for good: {}", text);
            // One that never went has taken nobody's place: what it was to feed may go on with another.
            if (may_go_) close_outputs();
            book_.release(holder_);
            context_.set_condition({});
            set_state(failure ? instance_state::failed : instance_state::ended, text);
            co_return;
        }
        if (world_.time().now() - lived_from > restart_.window) restart_delay_.reset();
        const auto delay = restart_delay_.next(random_);
        if (failure) {
            log_.error("failed: {}; starting again in {} ms", text,
                       std::chrono::duration_cast<std::chrono::milliseconds>(delay).count());
        }
        restarts_.fetch_add(1, std::memory_order_relaxed);
        set_state(instance_state::restarting, text);
        const bool go_on = co_await pause(delay);
        if (!go_on) {
            // It would have had another life: not failed for good.
            close_outputs();
            context_.set_condition({});
            set_state(instance_state::ended, text);
            co_return;
        }
        for (auto& port : outputs_) port->reopen();
        begin_life();
    }
}

}  // namespace streamhost
