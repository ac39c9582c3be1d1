#pragma once

#include "topology/plan.hpp"

#include <streamhost/export.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace streamhost {

/// What a new topology means for an instance of the running one.
enum class instance_fate : std::uint8_t {
    kept,      ///< goes on as if nothing had happened
    adjusted,  ///< goes on with other settings, all of which may change while it runs
    replaced,  ///< a new one is prepared beside it and takes its place
    replaced_with_gap,  ///< it must end first: both need what only one may hold
    added,
    removed,
};

STREAMHOST_API std::string_view to_string(instance_fate fate) noexcept;

struct instance_change {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::string name;
    instance_fate fate = instance_fate::kept;
    std::vector<std::string> reasons;  ///< "quality: 80 -> 60"
    std::size_t before = none;         ///< in the running plan
    std::size_t after = none;          ///< in the new one
    /// It needs what only one may hold, and these, which leave, hold it: by their names.
    std::set<std::string> waits_for;
};

struct link_change {
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::string text;          ///< "camera.frames -> jpeg.frames"
    std::size_t before = none;  ///< in the running plan; none: added
    std::size_t after = none;   ///< in the new plan; none: removed
    bool kept = false;          ///< the same queue goes on, with what waits in it
};

/// The difference of two checked topologies, instance by instance and link by link.
struct plan_change {
    std::vector<instance_change> instances;  ///< those of the new plan in its order, then those that are removed
    std::vector<link_change> links;          ///< likewise

    /// Whether anything at all is to be done.
    STREAMHOST_API bool empty() const;
};

/// How the running instances do, as far as a change depends on it.
struct running_state {
    std::set<std::string> over;   ///< they have ended: made anew where they get another link
    std::set<std::string> wanted; ///< made anew in any case
};

/// What changes from `now` to `next`. Never throws for what the topologies say.
STREAMHOST_API plan_change compare(const plan& now, const plan& next, const running_state& state = {});

/// The change as lines for people, each with its line end; "nothing changes" where that is so.
STREAMHOST_API std::string to_text(const plan_change& change);

}  // namespace streamhost
