#pragma once

#include <streamhost/module_info.hpp>
#include <streamhost/setting_traits.hpp>

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace streamhost {

/// The settings of a module type that has none.
struct no_settings {};

/// The settings of a struct with their readers: `read` fills a struct from a checked object.
template <class Settings>
struct settings_schema {
    using reader = std::function<void(Settings&, const boost::json::value&)>;

    std::vector<setting_info> settings;
    std::vector<reader> readers;  ///< one per setting

    /// Members whose key is absent keep the value that they have in `base`.
    Settings read(const boost::json::object& object, Settings base = {}) const {
        for (std::size_t i = 0; i < settings.size(); ++i) {
            if (const auto* value = object.if_contains(settings[i].name)) readers[i](base, *value);
        }
        return base;
    }
};

namespace detail {

struct nothing {};
struct added_port {};

/// What a description has gathered so far.
template <class Settings>
struct description_state {
    module_info info;
    settings_schema<Settings> schema;
    Settings defaults{};
    port_direction last_port = port_direction::input;

    setting_info& last_setting() { return schema.settings.back(); }
    port_info& port() {
        return last_port == port_direction::input ? info.ports.inputs.back() : info.ports.outputs.back();
    }
};

template <class Member>
setting_info setting_of(std::string key, std::string help, const Member& default_value) {
    using value_type = typename without_optional<Member>::type;
    setting_info info{.name = std::move(key), .help = std::move(help), .kind = setting_traits<Member>::kind};
    info.default_value = setting_traits<Member>::to_json(default_value);
    info.nullable = without_optional<Member>::optional;
    if constexpr (std::integral<value_type> && !std::same_as<value_type, bool>) {
        info.lowest = setting_traits<value_type>::lowest;
        info.highest = setting_traits<value_type>::highest;
    }
    if constexpr (is_duration<value_type>::value) {
        info.minimum = 0;
        if constexpr (std::integral<typename value_type::rep>)
            info.resolution = typename is_duration<value_type>::resolution(1);
    }
    return info;
}

template <class Value, class Bound>
double bound_of(Bound bound) {
    if constexpr (is_duration<Value>::value) {
        return std::chrono::duration<double, std::milli>(bound).count();
    } else {
        return static_cast<double>(bound);
    }
}

/// Connects what the module type itself declares: constructor, `reconfigure(settings)`, `check(settings)`,
/// `ports_for(settings)`.
/// `static constexpr bool description_only = true` in a type says that it is never made (a test's stand-in).
template <class Module, class Settings>
void connect(module_info& info, const settings_schema<Settings>& schema) {
    if constexpr (requires { Module::description_only; }) {
        info.factory = nullptr;
    } else if constexpr (std::same_as<Settings, no_settings>) {
        info.factory = [](module_context& context, const boost::json::object&) -> std::unique_ptr<module> {
            return std::make_unique<Module>(context);
        };
    } else {
        info.factory = [schema](module_context& context, const boost::json::object& chosen) -> std::unique_ptr<module> {
            return std::make_unique<Module>(context, schema.read(chosen));
        };
    }
    if constexpr (requires(Module& running, const Settings& chosen) { running.reconfigure(chosen); }) {
        info.reconfigure = [schema](module& running, const boost::json::object& chosen) {
            static_cast<Module&>(running).reconfigure(schema.read(chosen));
        };
    }
    if constexpr (requires(const Settings& chosen) { Module::check(chosen); }) {
        info.check = [schema](const boost::json::object& chosen) { Module::check(schema.read(chosen)); };
    }
    if constexpr (requires(const Settings& chosen) { module_ports(Module::ports_for(chosen)); }) {
        info.ports_for = [schema](const boost::json::object& chosen) -> module_ports {
            return Module::ports_for(schema.read(chosen));
        };
    }
}

}  // namespace detail

/// A description in the making; see `describe()`. `Last` is what the next modifier changes.
template <class Module, class Settings, class Last = detail::nothing>
class [[nodiscard]] description {
    using value_type = typename detail::without_optional<Last>::type;
    static constexpr bool is_port = std::same_as<Last, detail::added_port>;
    static constexpr bool is_setting = !is_port && !std::same_as<Last, detail::nothing>;
    static constexpr bool has_range = detail::is_duration<value_type>::value || std::is_arithmetic_v<value_type> ||
                                      std::same_as<value_type, std::variant<std::int64_t, std::string>>;
    static constexpr bool is_text = std::same_as<value_type, std::string>;
    static constexpr bool is_text_or_list = is_text || std::same_as<value_type, std::vector<std::string>>;

public:
    explicit description(detail::description_state<Settings> state, Last Settings::*member = nullptr)
        : state_(std::move(state)), member_(member) {}

    /// A key of the JSON entry and the member that it fills. The member's initialiser is the default. Members may be
    /// `bool`, integers, `double`, `std::string`, `std::chrono` durations, `std::vector<std::string>`,
    /// `std::map<std::string, std::string>`, enumerations (name them with `one_of`),
    /// `std::variant<std::int64_t, std::string>`, or a `std::optional` of these.
    template <class Member>
    description<Module, Settings, Member> setting(std::string key, Member Settings::*member, std::string help) && {
        state_.schema.settings.push_back(
            detail::setting_of<Member>(std::move(key), std::move(help), state_.defaults.*member));
        state_.schema.readers.push_back([member](Settings& settings, const boost::json::value& value) {
            settings.*member = detail::setting_traits<Member>::from_json(value);
        });
        return description<Module, Settings, Member>(std::move(state_), member);
    }

    /// The topology must give it; there is no default. A required text must not be empty.
    description required() && requires is_setting {
        state_.last_setting().required = true;
        state_.last_setting().default_value = nullptr;
        return std::move(*this);
    }

    /// Both ends belong to the range: `.range(1, 240)`, `.range(10ms, 1h)`.
    template <class Low, class High>
    description range(Low low, High high) && requires has_range {
        state_.last_setting().minimum = detail::bound_of<value_type>(low);
        state_.last_setting().maximum = detail::bound_of<value_type>(high);
        return std::move(*this);
    }

    template <class Low>
    description at_least(Low low) && requires has_range {
        state_.last_setting().minimum = detail::bound_of<value_type>(low);
        return std::move(*this);
    }

    /// The names of an enumeration's values: `.one_of({{"pickle", wire::pickle}, {"framed", wire::framed}})`.
    description one_of(std::initializer_list<std::pair<std::string_view, value_type>> names) &&
        requires std::is_enum_v<value_type>
    {
        std::vector<std::pair<std::string, value_type>> table;
        auto& setting = state_.last_setting();
        const Last& current = state_.defaults.*member_;
        for (const auto& [name, value] : names) {
            table.emplace_back(name, value);
            setting.choices.emplace_back(name);
            if (current == value && !setting.required) setting.default_value = std::string(name);
        }
        state_.schema.readers.back() = [member = member_, table](Settings& settings, const boost::json::value& value) {
            if constexpr (detail::without_optional<Last>::optional) {
                if (value.is_null()) settings.*member = std::nullopt;
            }
            for (const auto& [name, meaning] : table) {
                if (value == boost::json::string_view(name)) settings.*member = meaning;
            }
        };
        return std::move(*this);
    }

    /// The texts that are allowed: `.one_of({"auto", "refuse"})`.
    description one_of(std::initializer_list<std::string_view> texts) && requires is_text {
        state_.last_setting().kind = setting_kind::choice;
        state_.last_setting().choices.assign(texts.begin(), texts.end());
        return std::move(*this);
    }

    /// For help and messages: `.unit("pixels")`. Durations carry their own.
    description unit(std::string name) && requires is_setting {
        state_.last_setting().unit = std::move(name);
        return std::move(*this);
    }

    /// Only one instance of a host may hold a value: a device, an output file. Settings of several types that name the
    /// same kind of thing share a `domain`; by default it is the key.
    description exclusive(std::string domain = {}) && requires is_setting {
        auto& setting = state_.last_setting();
        setting.exclusive = domain.empty() ? setting.name : std::move(domain);
        return std::move(*this);
    }

    /// The value may change while the instance runs: the type has `void reconfigure(const Settings&)`, which the host
    /// calls on the instance's lane. Without this, a reload replaces the instance.
    description live() && requires is_setting {
        state_.last_setting().live = true;
        return std::move(*this);
    }

    /// The text, or every text of the list, is "host:port". A type with a `listen` address
    /// `listens()`, one with a `peer` address `dials()`.
    description address(address_role role) && requires is_text_or_list {
        state_.last_setting().address = role;
        if (role == address_role::listen) state_.info.listens = true;
        if (role == address_role::peer) state_.info.dials = true;
        return std::move(*this);
    }

    template <class Payload>
    description<Module, Settings, detail::added_port> input(std::string name, std::string help) && {
        return std::move(*this).port(port_direction::input, std::move(name), std::move(help), &type_of<Payload>());
    }

    template <class Payload>
    description<Module, Settings, detail::added_port> output(std::string name, std::string help) && {
        return std::move(*this).port(port_direction::output, std::move(name), std::move(help), &type_of<Payload>());
    }

    /// Takes messages of every type: relays, taps, recorders.
    description<Module, Settings, detail::added_port> any_input(std::string name, std::string help) && {
        return std::move(*this).port(port_direction::input, std::move(name), std::move(help), nullptr);
    }

    /// Gives messages whose type is known only while running: relays, players.
    description<Module, Settings, detail::added_port> any_output(std::string name, std::string help) && {
        return std::move(*this).port(port_direction::output, std::move(name), std::move(help), nullptr);
    }

    /// The input takes any number of links, none included.
    description many() && requires is_port {
        state_.port().many = true;
        state_.port().required = false;
        return std::move(*this);
    }

    /// The input may stay without a link.
    description optional() && requires is_port {
        state_.port().required = false;
        return std::move(*this);
    }

    /// What arrives at the input leaves the host, whatever its type: it must be one that can cross wires.
    description over_wire() && requires is_port {
        state_.port().over_wire = true;
        return std::move(*this);
    }

    /// The output speaks of its own accord (a keyboard, a peer), not because of what arrives at an input.
    description spontaneous() && requires is_port {
        state_.port().spontaneous = true;
        return std::move(*this);
    }

    /// A server module: an instance may say `viewers`.
    description serves_viewers() && {
        state_.info.serves_viewers = true;
        return std::move(*this);
    }

    /// An instance opens a listener or takes datagrams: it may say `limits` and `allow`.
    description listens() && {
        state_.info.listens = true;
        return std::move(*this);
    }

    /// An instance opens sessions to others: it may say `limits`.
    description dials() && {
        state_.info.dials = true;
        return std::move(*this);
    }

    /// A live source (camera, microphone, sensor): a consumer must never hold it back.
    description capture() && {
        state_.info.capture = true;
        return std::move(*this);
    }

    /// What only one instance of a host may hold, whatever its settings: `.claims("terminal")`.
    description claims(std::string resource) && {
        state_.info.claims.push_back(std::move(resource));
        return std::move(*this);
    }

    /// Throws `configuration_error` for a mistake in the description itself.
    operator module_info() && {
        detail::connect<Module>(state_.info, state_.schema);
        state_.info.settings = std::move(state_.schema.settings);
        detail::validate(state_.info);
        return std::move(state_.info);
    }

    /// The settings alone, for a struct that no module belongs to.
    settings_schema<Settings> schema() && { return std::move(state_.schema); }

private:
    template <class, class, class>
    friend class description;

    description<Module, Settings, detail::added_port> port(port_direction direction, std::string name, std::string help,
                                                           const message_type* type) && {
        auto& ports = direction == port_direction::input ? state_.info.ports.inputs : state_.info.ports.outputs;
        ports.push_back({.name = std::move(name),
                         .help = std::move(help),
                         .direction = direction,
                         .type = type,
                         .any = type == nullptr,
                         .required = direction == port_direction::input});
        state_.last_port = direction;
        return description<Module, Settings, detail::added_port>(std::move(state_));
    }

    detail::description_state<Settings> state_;
    Last Settings::*member_;
};

/// Describes a module type. What follows a setting or a port modifies it; the whole converts to `module_info`:
///
///     return sh::describe<soil_probe, settings>("soil.probe", "Soil moisture from a serial probe")
///         .setting("device", &settings::device, "serial device").required().exclusive()
///         .setting("period", &settings::period, "time between readings").range(10ms, 1h)
///         .output<sh::record>("readings", "one per period").capture();
///
/// `Module` is constructed as `Module(module_context&, Settings)`, or as `Module(module_context&)` without settings. It
/// may have `static void check(const Settings&)` for what single ranges cannot say,
/// `static module_ports ports_for(const Settings&)` where the ports depend on the settings (see `port_list`), and
/// `void reconfigure(const Settings&)` for settings that are `live()`.
template <class Module, class Settings = no_settings>
description<Module, Settings> describe(std::string type, std::string help) {
    detail::description_state<Settings> state;
    state.info.type = std::move(type);
    state.info.help = std::move(help);
    return description<Module, Settings>(std::move(state));
}

/// A settings struct without a module: `describe_settings<limits>().setting(...).schema()`.
template <class Settings>
description<detail::nothing, Settings> describe_settings() {
    return description<detail::nothing, Settings>(detail::description_state<Settings>{});
}

/// The ports of one instance, for `ports_for`:
///
///     return sh::port_list().output<sh::record>("left", "...").output<sh::record>("right", "...");
class port_list {
public:
    template <class Payload>
    port_list& input(std::string name, std::string help) {
        ports_.inputs.push_back({.name = std::move(name),
                                 .help = std::move(help),
                                 .direction = port_direction::input,
                                 .type = &type_of<Payload>(),
                                 .required = true});
        return *this;
    }

    template <class Payload>
    port_list& output(std::string name, std::string help) {
        ports_.outputs.push_back({.name = std::move(name),
                                  .help = std::move(help),
                                  .direction = port_direction::output,
                                  .type = &type_of<Payload>()});
        return *this;
    }

    /// A port with every property at hand.
    port_list& add(port_info port) {
        auto& ports = port.direction == port_direction::input ? ports_.inputs : ports_.outputs;
        ports.push_back(std::move(port));
        return *this;
    }

    operator module_ports() const { return ports_; }

private:
    module_ports ports_;
};

}  // namespace streamhost
