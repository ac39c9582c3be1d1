#include "metrics_text.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <deque>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhost::web {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<std::pair<std::string, std::string>>;

constexpr double ns_per_second = 1e9;

/// Families in the order in which they were first named.
class families {
public:
    void add(MetricType type, const std::string& name, const std::string& help, const labels& of, double value) {
        auto& family = named(type, name, help);
        ClientMetric one;
        for (const auto& [key, text] : of) one.label.push_back({key, text});
        if (type == MetricType::Counter) one.counter.value = value;
        else if (type == MetricType::Gauge) one.gauge.value = value;
        else one.untyped.value = value;
        family.metric.push_back(std::move(one));
    }
    void count(const std::string& name, const std::string& help, const labels& of, double value) {
        add(MetricType::Counter, "streamhost_" + name, help, of, value);
    }
    void gauge(const std::string& name, const std::string& help, const labels& of, double value) {
        add(MetricType::Gauge, "streamhost_" + name, help, of, value);
    }

    std::string text() const {
        return prometheus::TextSerializer().Serialize({all_.begin(), all_.end()});
    }

private:
    MetricFamily& named(MetricType type, const std::string& name, const std::string& help) {
        auto& place = by_name_[name];
        if (place == nullptr) {
            MetricFamily made;
            made.name = name;
            made.help = help;
            made.type = type;
            place = &all_.emplace_back(std::move(made));
        }
        return *place;
    }

    std::deque<MetricFamily> all_;
    std::map<std::string, MetricFamily*> by_name_;
};

double seconds(std::int64_t ns) { return static_cast<double>(ns) / ns_per_second; }

/// Prometheus has its times in seconds.
std::pair<std::string, double> in_seconds(const metric_snapshot& metric) {
    const auto value = static_cast<double>(metric.value);
    using unit = std::pair<std::string_view, double>;
    for (const auto& [end, per_second] : {unit{"_ns", 1e9}, unit{"_us", 1e6}, unit{"_ms", 1e3}}) {
        if (!metric.name.ends_with(end)) continue;
        return {metric.name.substr(0, metric.name.size() - end.size()) + "_seconds", value / per_second};
    }
    return {metric.name, value};
}

void add_instance(families& to, const instance_snapshot& each) {
    const labels of{{"instance", each.name}, {"type", each.type}};
    to.gauge("instance_running", "1 while the instance runs", of, each.state == "running" ? 1 : 0);
    to.count("instance_restarts_total", "times that the instance was started again", of, each.restarts);
    to.count("instance_busy_seconds_total", "time that the instance had its lane", of, seconds(each.busy_ns));
    for (const auto& output : each.outputs) {
        const labels from{{"instance", each.name}, {"output", output.name}};
        to.count("output_messages_total", "messages that were sent on the output", from,
                 static_cast<double>(output.sent));
        to.count("output_post_dropped_total", "messages that other threads posted faster than the lane takes them",
                 from, static_cast<double>(output.post_dropped));
    }
    // What they count is the module's to know: some rise for ever, some say how many there are now.
    for (const auto& metric : each.metrics) {
        const auto [name, value] = in_seconds(metric);
        to.add(MetricType::Untyped, "streamhost_module_" + name, metric.help, of, value);
    }
}

void add_link(families& to, const link_snapshot& each) {
    const labels of{{"from", each.from.instance + "." + each.from.port}, {"to", each.to.instance + "." + each.to.port}};
    to.count("link_accepted_total", "messages that the link took", of, static_cast<double>(each.accepted));
    to.count("link_delivered_total", "messages that the link gave to its receiver", of,
             static_cast<double>(each.delivered));
    to.count("link_delivered_bytes_total", "payload of those", of, static_cast<double>(each.bytes));
    for (const auto& [reason, count] : each.dropped) {
        auto why = of;
        why.emplace_back("reason", reason);
        to.count("link_dropped_total", "messages that the link dropped", why, static_cast<double>(count));
    }
    to.gauge("link_depth", "messages that wait", of, static_cast<double>(each.depth));
    to.gauge("link_depth_bytes", "payload of those", of, static_cast<double>(each.depth_bytes));
    to.gauge("link_head_age_seconds", "age of the oldest message that waits", of, seconds(each.head_age_ns));
    to.gauge("link_wait_median_seconds", "half of the messages waited no longer", of, seconds(each.wait_p50_ns));
    to.gauge("link_wait_p99_seconds", "99 in 100 messages waited no longer", of, seconds(each.wait_p99_ns));
}

}  // namespace

std::string metrics_text(const host_snapshot& now) {
    families all;
    all.gauge("info", "1, with the name of the topology", {{"host", now.name}}, 1);
    for (const auto& each : now.instances) add_instance(all, each);
    for (const auto& each : now.links) add_link(all, each);
    return all.text();
}

}  // namespace streamhost::web
