#pragma once

#include "topology/plan.hpp"

#include <streamhost/host.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost {

/// Looks at a machine as somebody would who is to run a topology there, and says what to do. Changes nothing.
class doctor {
public:
    void look_at_modules(std::size_t types, const std::vector<std::string>& problems);
    /// Cameras, sound, display, network, clock, limits.
    void look_at_machine();
    /// Whether it can be read, and whether its addresses are free. `plan`: where it has no errors.
    void look_at_topology(const std::string& file, const std::optional<plan>& plan, const std::string& problems);

    /// A line for each finding: `ok`, `note` for what may be meant so, `mend` for what will not work.
    check_report report() const;

private:
    enum class verdict { ok, note, mend };

    void say(verdict how, std::string_view about, std::string text);
    void look_at_cameras();
    void look_at_sound();
    void look_at_display();
    void look_at_network();
    void look_at_clock();
    void look_at_limits();
    void try_address(const plan_instance& instance, const std::string& address);

    std::string text_;
    bool good_ = true;
};

}  // namespace streamhost
