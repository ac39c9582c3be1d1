#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/snapshot.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhost {

/// Which topology a running host is to become: with an empty path the one that it runs, as it was started; else that file
/// with these changes only.
struct topology_choice {
    std::string topology{};
    std::vector<std::pair<std::string, std::string>> sets{};
    /// Stands for the content of the file, which is not read then; what is wrong is still said with the file's name.
    std::optional<std::string> text{};
    /// With `text`: the file gets it, in one step, as soon as it runs. Where that cannot be done, it runs all the same, and
    /// the report says why.
    bool save = false;
};

/// What became of another topology for a running host.
struct reload_report {
    bool good = false;  ///< it runs now, or would; else everything is as before
    std::string text;   ///< what changed, or every problem; lines, each with its end
};

/// The topology that runs, as it was written. It may hold secrets: whoever sees it can also change it.
struct running_topology {
    std::string file;
    std::string text;
};

/// The whole host as one of its instances sees it: for consoles and whatever else shows or changes what runs. Lent by the
/// context. Everything is confined to the instance's lane.
class host_view {
public:
    virtual ~host_view() = default;

    virtual host_snapshot snapshot() const = 0;
    virtual running_topology topology() const = 0;

    /// The last lines that were logged under a name, such as an instance's, the oldest first: at most 200.
    virtual std::vector<std::string> log_tail(std::string_view name) const = 0;

    /// What another topology would change.
    virtual awaitable<reload_report> preview(topology_choice which) = 0;

    /// Turns what runs into another topology. Returns when that runs, also to an instance which it leaves out or replaces:
    /// what such a one does next is to drain. Not good as well where the host ends meanwhile, or is blocked for half a
    /// minute.
    virtual awaitable<reload_report> reload(topology_choice which) = 0;
};

}  // namespace streamhost
