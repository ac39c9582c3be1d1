#include <streamhost/module.hpp>

#include "runtime/describe_exception.hpp"
#include "runtime/instance.hpp"

#include <fmt/ranges.h>

#include <algorithm>

namespace streamhost {
namespace {

/// Finds a declared port and checks its type; an author's slip gets a sentence that names what there is.
template <class Port>
Port& find_port(const std::vector<std::unique_ptr<Port>>& ports, const std::vector<port_info>& declared,
                std::string_view kind, std::string_view name, const message_type* type, std::string_view module) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
        if (ports[i]->name() != name) continue;
        if (declared[i].type != nullptr && type != nullptr && !(*declared[i].type == *type)) {
            throw std::logic_error(fmt::format("{}: {} `{}` is declared as {}, but the code asks for {}", module, kind,
                                               name, declared[i].type->name, type->name));
        }
        return *ports[i];
    }
    std::vector<std::string> names;
    for (const auto& port : declared) names.push_back("`" + port.name + "`");
    throw std::logic_error(fmt::format("{}: describe() declares no {} `{}`; it declares {}", module, kind, name,
                                       names.empty() ? std::string("none") : fmt::format("{}", fmt::join(names, ", "))));
}

duration checked_period(duration period) {
    if (period <= duration::zero()) throw std::logic_error("a ticker needs a period above zero");
    return period;
}

}  // namespace

module::~module() = default;

awaitable<void> module::prepare() { co_return; }

ticker::ticker(instance& owner, duration period)
    : owner_(&owner), period_(checked_period(period)), due_(owner.world_.time().now() + period) {}

void ticker::set_period(duration period) { period_ = checked_period(period); }

awaitable<bool> ticker::next() {
    const auto now = owner_->world_.time().now();
    if (due_ > now) {
        const bool go_on = co_await owner_->context_.sleep_for(due_ - now);
        if (!go_on) co_return false;
    } else if (now - due_ >= period_) {
        const auto late = static_cast<std::uint64_t>((now - due_) / period_);
        missed_ += late;
        due_ += period_ * late;
    }
    due_ += period_;
    co_return !owner_->drain_.draining();
}

const std::string& module_context::name() const noexcept { return owner_.plan_.name; }
const std::string& module_context::type() const noexcept { return owner_.plan_.info->type; }
logger& module_context::log() noexcept { return owner_.log_; }
const clock& module_context::clock() const noexcept { return owner_.world_.time(); }
timer_queue& module_context::timers() noexcept { return owner_.lane_.timers(); }
network& module_context::network() noexcept { return *owner_.network_; }
host_view& module_context::view() noexcept { return owner_.view_; }
terminal& module_context::terminal() noexcept { return owner_.terminal_; }
child_runner& module_context::children() noexcept { return *owner_.children_; }
random_engine& module_context::random() noexcept { return owner_.random_; }
const session_limits& module_context::limits() const noexcept { return owner_.plan_.limits; }
const viewer_options& module_context::viewers() const noexcept { return owner_.plan_.viewers; }
const message_origin& module_context::origin() const noexcept { return owner_.origin_; }
bool module_context::draining() const noexcept { return owner_.drain_.draining(); }
drain_state& module_context::drain() noexcept { return owner_.drain_; }

awaitable<bool> module_context::sleep_for(duration delay) {
    const bool slept = co_await owner_.pause(delay);
    co_return slept;
}

awaitable<result<stream>> module_context::open_serial(std::string device, unsigned baud) {
    auto opened = co_await owner_.world_.open_serial(std::move(device), baud, owner_.lane_, owner_.executor_);
    if (!opened) co_return opened.error();
    co_return stream(std::move(*opened));
}

void module_context::spawn(awaitable<void> task) { owner_.tasks_->spawn(std::move(task)); }

void module_context::on_main(std::function<void()> work) {
    owner_.world_.post_main([&log = owner_.log_, work = std::move(work)] {
        try {
            work();
        } catch (...) {
            log.error("on the main thread: {}", describe_exception(std::current_exception()));
        }
    });
}

counter& module_context::metric(std::string_view name, std::string_view help, std::size_t lane) {
    return owner_.metric(name, help, lane);
}
lane_place module_context::own_place() noexcept { return {owner_.executor_, owner_.lane_.timers()}; }
const std::vector<lane_place>& module_context::viewer_lanes() const noexcept { return owner_.viewer_lanes_; }
viewer_register& module_context::viewer_records() noexcept { return owner_.viewers_; }

void module_context::set_condition(std::string condition) {
    {
        const std::lock_guard lock(owner_.text_mutex_);
        if (owner_.condition_ == condition) return;
        owner_.condition_ = condition;
    }
    if (!condition.empty()) owner_.log_.warn("{}", condition);
    owner_.host_.instance_changed();
}

void module_context::stop_host(std::string_view reason) { owner_.host_.stop_host(reason); }

input_port& module_context::input_of(std::string_view port, const message_type* type) {
    return find_port(owner_.inputs_, owner_.plan_.ports.inputs, "input", port, type, owner_.plan_.info->type);
}

output_port& module_context::output_of(std::string_view port, const message_type* type) {
    return find_port(owner_.outputs_, owner_.plan_.ports.outputs, "output", port, type, owner_.plan_.info->type);
}

awaitable<void> module_context::run_on_pool(std::function<void()>& job) {
    co_await owner_.world_.await_on_pool(job);
}

std::shared_ptr<void> module_context::shared_object(std::string_view key,
                                                    const std::function<std::shared_ptr<void>()>& make) {
    return owner_.host_.shared_object(key, make);
}

}  // namespace streamhost
