#include "topology/host_keys.hpp"

#include "topology/address_text.hpp"
#include "topology/settings_check.hpp"

#include <streamhost/log.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace streamhost {
namespace {

using namespace std::chrono_literals;

/// Reads an object by its schema, over `base`; a text stands for the member `shorthand` where there is one.
template <class Settings>
Settings read_object(const settings_schema<Settings>& schema, const located_value& value, const std::string& path,
                     std::string_view shorthand, std::span<const std::string> other_keys, const Settings& base,
                     problem_list& problems) {
    if (value.broken) return base;
    boost::json::object given;
    if (value.is_object()) {
        const settings_check check{schema.settings, other_keys, "key", false};
        given = check_settings(value, value.where, path, check, problems).values;
    } else if (const auto* setting = value.is_text() && !shorthand.empty() ? &schema.settings.front() : nullptr) {
        if (auto checked = check_setting(*setting, value, path, problems)) given[setting->name] = std::move(*checked);
    } else {
        const auto short_form = shorthand.empty() ? std::string() : fmt::format(" or the name of a {}", shorthand);
        problems.add(value.where, path, fmt::format("expected an object{}, got {}", short_form, shown(value)));
    }
    return schema.read(given, base);
}

setting_info choice_of(std::vector<std::string> names) {
    setting_info info{.name = "choice", .help = "", .kind = setting_kind::choice};
    info.choices = std::move(names);
    return info;
}

}  // namespace

bool is_host_key(std::string_view name) noexcept {
    return std::ranges::find(host_key_names(), name) != host_key_names().end();
}

const std::vector<std::string>& host_key_names() {
    static const std::vector<std::string> names{"type",  "lane",    "restart", "optional", "essential",
                                                "queue", "viewers", "limits",  "allow",    "tls",
                                                "log",   "fault"};
    return names;
}

const std::vector<std::string>& log_levels() {
    static const std::vector<std::string> levels(log_level_names().begin(), log_level_names().end());
    return levels;
}

const settings_schema<queue_choice>& queue_schema() {
    static const auto schema =
        describe_settings<queue_choice>()
            .setting("policy", &queue_choice::policy, "what a full queue does with the next message")
            .one_of({{"latest", queue_policy::latest},
                     {"drop_oldest", queue_policy::drop_oldest},
                     {"drop_newest", queue_policy::drop_newest},
                     {"wait", queue_policy::wait},
                     {"disconnect", queue_policy::disconnect}})
            .setting("items", &queue_choice::items, "messages at most").range(1, 65'536)
            .setting("bytes", &queue_choice::bytes, "payload at most; 0: no limit of its own").unit("bytes")
            .setting("age_ms", &queue_choice::age_ms, "older messages are dropped; 0: any age")
            .setting("wait_ms", &queue_choice::wait_ms, "how long `wait` holds a producer back").range(1ms, 60s)
            .schema();
    return schema;
}

const settings_schema<viewer_options>& viewers_schema() {
    static const auto schema =
        describe_settings<viewer_options>()
            .setting("max", &viewer_options::max, "viewers at once").range(1, 65'536)
            .setting("lanes", &viewer_options::lanes, "threads of their own; 0: they share the module's").range(0, 64)
            .setting("sendfile", &viewer_options::sendfile,
                     "sends large messages out of one file in memory (sendfile) instead of copying them for each viewer; "
                     "whether that is cheaper depends on kernel and network card: measure it")
            .setting("stall_ms", &viewer_options::stall_ms, "without progress for so long: cut").range(100ms, 10min)
            .schema();
    return schema;
}

const settings_schema<session_limits>& limits_schema() {
    static const auto schema =
        describe_settings<session_limits>()
            .setting("max_connections", &session_limits::max_connections, "connections to one listener")
            .range(1, 65'536)
            .setting("message_bytes", &session_limits::message_bytes, "the largest message that a peer may send")
            .range(1024, 1024 * 1024 * 1024)
            .unit("bytes")
            .setting("handshake_ms", &session_limits::handshake_ms, "from connected to known")
            .range(10ms, 1min)
            .setting("message_ms", &session_limits::message_ms, "from the first byte of a message to its last")
            .range(10ms, 10min)
            .schema();
    return schema;
}

const settings_schema<restart_options>& restart_schema() {
    static const auto schema =
        describe_settings<restart_options>()
            .setting("policy", &restart_options::policy, "when an instance that ended is made again")
            .one_of({{"never", restart_policy::never},
                     {"on_failure", restart_policy::on_failure},
                     {"always", restart_policy::always}})
            .setting("count", &restart_options::count, "restarts within the window").range(1, 1000)
            .setting("window", &restart_options::window, "the time over which `count` is counted").range(1s, 24h)
            .schema();
    return schema;
}

const settings_schema<link_fault>& fault_schema() {
    static const auto schema =
        describe_settings<link_fault>()
            .setting("delay_ms", &link_fault::delay_ms, "each message comes so much later, in order").range(0ms, 60s)
            .setting("jitter_ms", &link_fault::jitter_ms, "and up to so much more, at random").range(0ms, 60s)
            .setting("loss", &link_fault::loss, "part of the messages that never comes").range(0, 1)
            .setting("stall_every_ms", &link_fault::stall_every_ms, "so often nothing passes; 0: never").range(0ms, 1h)
            .setting("stall_ms", &link_fault::stall_ms, "for so long; then all of it comes at once").range(0ms, 1h)
            .setting("rate", &link_fault::rate, "bytes that pass in a second; 0: any").unit("bytes")
            .schema();
    return schema;
}

queue_choice read_queue(const located_value& value, const std::string& path, problem_list& problems) {
    return read_object(queue_schema(), value, path, "policy", {}, queue_choice{}, problems);
}

viewer_options read_viewers(const located_value& value, const std::string& path, problem_list& problems) {
    static const std::vector<std::string> others{"queue"};
    auto viewers = read_object(viewers_schema(), value, path, "", others, viewer_options{}, problems);
    if (const auto* queue = value.find("queue")) {
        viewers.queue = read_queue(queue->value, path_to(path, "queue"), problems);
        if (viewers.queue.policy == queue_policy::wait) {
            problems.add(queue->value.where, path_to(path, "queue"),
                         "`wait` is for links only: a viewer must never hold back the others");
        } else if (viewers.queue.policy == queue_policy::drop_newest) {
            problems.add(queue->value.where, path_to(path, "queue"),
                         "`drop_newest` is for links only: a viewer that is late gets what is new; take `drop_oldest`");
        }
    }
    return viewers;
}

session_limits read_limits(const located_value& value, const std::string& path, const session_limits& base,
                           problem_list& problems) {
    return read_object(limits_schema(), value, path, "", {}, base, problems);
}

restart_options read_restart(const located_value& value, const std::string& path, problem_list& problems) {
    return read_object(restart_schema(), value, path, "policy", {}, restart_options{}, problems);
}

link_fault read_fault(const located_value& value, const std::string& path, problem_list& problems) {
    return read_object(fault_schema(), value, path, "", {}, link_fault{}, problems);
}

std::vector<std::string> read_allow(const located_value& value, const std::string& path, problem_list& problems) {
    std::vector<std::string> networks;
    if (value.broken) return networks;
    if (!value.is_array() && !value.is_text()) {
        problems.add(value.where, path,
                     fmt::format("expected a network or a list of networks such as [\"192.168.1.0/24\"], got {}",
                                 shown(value)));
    }
    const auto count = value.is_text() ? 1 : value.elements.size();
    for (std::size_t i = 0; i < count; ++i) {
        const auto& element = value.is_text() ? value : value.elements[i];
        const auto at = value.is_text() ? path : path_to(path, i);
        if (element.broken) continue;
        const auto network = element.is_text() ? parse_network(element.text()) : std::nullopt;
        if (!network) {
            problems.add(element.where, at,
                         fmt::format("expected a network such as \"192.168.1.0/24\", got {}", shown(element)));
        } else if (network->had_host_bits) {
            problems.add(
                element.where, at,
                fmt::format("{} has bits behind its prefix; did you mean `{}`?", shown(element), network->canonical));
        }
        // What is wrong still counts as given, so that a listener does not ask for the very line that is there.
        networks.push_back(network ? network->canonical : std::string(element.is_text() ? element.text() : ""));
    }
    return networks;
}

std::string read_log_level(const located_value& value, const std::string& path, problem_list& problems) {
    static const auto level = choice_of(log_levels());
    const auto checked = check_setting(level, value, path, problems);
    return checked ? std::string(checked->as_string()) : std::string();
}

bool read_flag(const located_value& value, const std::string& path, problem_list& problems) {
    static const setting_info flag{.name = "flag", .help = "", .kind = setting_kind::boolean};
    const auto checked = check_setting(flag, value, path, problems);
    return checked && checked->as_bool();
}

std::string read_name(const located_value& value, const std::string& path, std::string fallback,
                      problem_list& problems) {
    if (value.broken) return fallback;
    if (value.is_text() && is_name(value.text())) return std::string(value.text());
    problems.add(value.where, path,
                 fmt::format("expected a name of 1 to 64 letters a-z, digits, `_` or `-`, got {}", shown(value)));
    return fallback;
}

std::string unavailable(std::string_view key) {
    if (key == "auth") return "`auth` belongs to instances whose type takes it; for all of them there is `allow`";
    if (key == "tls" || key == "fault") return fmt::format("`{}` is not available in this version", key);
    return {};
}

}  // namespace streamhost
