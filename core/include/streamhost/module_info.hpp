#pragma once

#include <streamhost/message_type.hpp>
#include <streamhost/result.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamhost {

class module;
class module_context;

enum class setting_kind : std::uint8_t {
    boolean,
    integer,
    number,
    text,
    duration,  ///< in JSON a number of milliseconds, or a text such as "500ms", "2s", "1min", "1h"
    text_list,
    text_map,  ///< an object of texts, of any keys
    choice,           ///< one of `setting_info::choices`
    text_or_integer,  ///< a device by its path or by its index
};

/// Whether a text is an address, "host:port", and for which side of a connection.
enum class address_role : std::uint8_t {
    none,
    listen,  ///< opened by the instance; beyond loopback it needs `allow`
    peer,    ///< dialled by the instance
};

/// One key of a module type: the single source for validation, help, schema and reference.
struct setting_info {
    std::string name{};
    std::string help{};  ///< one line
    setting_kind kind = setting_kind::text;
    boost::json::value default_value{};  ///< null where there is none; durations in milliseconds
    bool required = false;
    bool nullable = false;  ///< may be left out without any default
    std::optional<double> minimum{};  ///< in `unit`; for durations in milliseconds
    std::optional<double> maximum{};
    std::int64_t lowest = std::numeric_limits<std::int64_t>::min();  ///< what the member can hold, for integers
    std::int64_t highest = std::numeric_limits<std::int64_t>::max();
    std::chrono::nanoseconds resolution{1};  ///< of the member, for durations
    std::string unit{};
    std::vector<std::string> choices{};
    /// What only one instance of a host may hold: values of equal `exclusive` must differ. Empty: anyone may.
    std::string exclusive{};
    address_role address = address_role::none;
    bool live = false;  ///< another value is taken while the instance runs
};

enum class port_direction : std::uint8_t { input, output };

/// One port of a module type.
struct port_info {
    std::string name{};
    std::string help{};
    port_direction direction = port_direction::input;
    const message_type* type = nullptr;  ///< null where `any`
    bool many = false;                   ///< an input that takes any number of links; outputs always do
    bool any = false;                    ///< takes messages of every type (relays, taps, recorders)
    /// Where `any`: messages of the type of this name only, whose definition lies in the library of whatever the port is
    /// linked to. Empty: of every type.
    std::string named_type{};
    bool required = false;               ///< an input that must be linked
    bool over_wire = false;              ///< it leads to or from another host, so its type must be able to cross wires
    /// An output whose messages do not follow from messages of an input (a keyboard, a peer): a circle of links through
    /// it is none.
    bool spontaneous = false;
};

/// The ports of one instance.
struct module_ports {
    std::vector<port_info> inputs;
    std::vector<port_info> outputs;
};

/// A setting that the type's own `check` refuses. The text says what is expected.
class STREAMHOST_API setting_error : public configuration_error {
public:
    setting_error(std::string setting, const std::string& text)
        : configuration_error(text), setting_(std::move(setting)) {}
    /// The name of the setting.
    const std::string& setting() const noexcept { return setting_; }

private:
    std::string setting_;
};

/// All that a host knows about a module type before it makes an instance. Written with `describe()`.
/// The functions take a checked object: every setting present, defaults filled in, durations in milliseconds.
/// A value; copies may be used from any thread.
struct module_info {
    std::string type;  ///< "family.name"
    std::string help;  ///< one line
    std::vector<setting_info> settings;
    module_ports ports;  ///< of every instance, unless `ports_for` is set
    bool serves_viewers = false;      ///< `viewers` may be given
    bool listens = false;             ///< `limits` and `allow` may be given
    bool dials = false;               ///< `limits` may be given
    bool capture = false;             ///< a live source: nothing may hold it back
    std::vector<std::string> claims;  ///< what only one instance of a host may hold, whatever its settings: "terminal"

    std::function<std::unique_ptr<module>(module_context&, const boost::json::object&)> factory;
    /// The ports of an instance where they depend on its settings; empty otherwise. Throws `configuration_error`.
    std::function<module_ports(const boost::json::object&)> ports_for;
    /// Takes other settings, of which only `live` ones have changed, on the lane of a running instance; may be empty.
    std::function<void(module&, const boost::json::object&)> reconfigure;
    /// What the ranges of single settings cannot say; may be empty. Throws `setting_error` or `configuration_error`.
    std::function<void(const boost::json::object&)> check;
};

/// Whether an instance's entry uses that key for the host itself, so that no setting may have it.
STREAMHOST_API bool is_host_key(std::string_view name) noexcept;

namespace detail {
/// Refuses what an author got wrong (a reserved or doubled name, a default outside its range, ...) with a
/// `configuration_error` that names the type and the part.
STREAMHOST_API void validate(const module_info& info);
}  // namespace detail

}  // namespace streamhost
