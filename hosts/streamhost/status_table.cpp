#include "status_table.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace {

namespace json = boost::json;

constexpr double ns_per_second = 1e9;
constexpr double ns_per_ms = 1e6;

std::uint64_t number(const json::object& of, const char* key) {
    const auto* const value = of.if_contains(key);
    if (value == nullptr) return 0;
    if (value->is_uint64()) return value->get_uint64();
    return value->is_int64() ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, value->get_int64())) : 0;
}

std::string text(const json::object& of, const char* key) {
    const auto* const value = of.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array& list(const json::object& of, const char* key) {
    static const json::array none;
    const auto* const value = of.if_contains(key);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

/// The entry of that name, of the status before.
const json::object* find(const json::object* in, const char* key, const std::string& name) {
    if (in == nullptr) return nullptr;
    for (const auto& each : list(*in, key)) {
        if (each.is_object() && text(each.get_object(), "name") == name) return &each.get_object();
    }
    return nullptr;
}

std::string scaled(double value, const char* unit) {
    for (const char* prefix : {"", "k", "M", "G"}) {
        if (value < 1000) return fmt::format("{:.3g} {}{}", value, prefix, unit);
        value /= 1000;
    }
    return fmt::format("{:.3g} T{}", value, unit);
}

std::string milliseconds(std::uint64_t ns) { return ns == 0 ? "-" : fmt::format("{:.2f}", static_cast<double>(ns) / ns_per_ms); }

std::string drops(const json::object& of) {
    std::vector<std::string> reasons;
    const auto* const dropped = of.if_contains("dropped");
    if (dropped == nullptr || !dropped->is_object()) return {};
    for (const auto& [reason, count] : dropped->get_object()) {
        const auto how_many = count.is_uint64() ? count.get_uint64() : static_cast<std::uint64_t>(count.get_int64());
        if (how_many > 0) reasons.push_back(fmt::format("{} {}", how_many, std::string_view(reason)));
    }
    return fmt::format("{}", fmt::join(reasons, ", "));
}

/// Columns as wide as their widest cell.
class table {
public:
    explicit table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    bool empty() const { return rows_.size() == 1; }

    std::string print() const {
        std::vector<std::size_t> widths(rows_.front().size());
        for (const auto& row : rows_) {
            for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
        }
        std::string all;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
            line.erase(line.find_last_not_of(' ') + 1);
            all += line + "\n";
        }
        return all;
    }

private:
    std::vector<std::vector<std::string>> rows_;
};

class status_printer {
public:
    status_printer(const json::object& now, const json::object* before, double seconds)
        : now_(now), before_(before), seconds_(seconds) {}

    std::string print() const {
        auto all = text(now_, "name") + "\n\n" + instances() + "\n" + links();
        const auto who = viewers();
        if (!who.empty()) all += "\n" + who;
        return all;
    }

private:
    bool with_rates() const { return before_ != nullptr && seconds_ > 0; }

    std::string count(const json::object& of, const json::object* before, const char* key, const char* unit) const {
        const auto value = number(of, key);
        if (!with_rates()) return scaled(static_cast<double>(value), unit);
        const auto was = before != nullptr ? number(*before, key) : 0;
        return scaled(static_cast<double>(value - std::min(was, value)) / seconds_, unit);
    }

    std::string instances() const {
        table rows({"INSTANCE", "TYPE", "LANE", "STATE", with_rates() ? "CPU %" : "CPU s", "RESTARTS", "ADDRESS", "CONDITION"});
        for (const auto& each : list(now_, "instances")) {
            const auto& one = each.get_object();
            const auto name = text(one, "name");
            const auto* const was = find(before_, "instances", name);
            const auto busy = number(one, "busy_ns");
            const auto busy_before = was != nullptr ? std::min(number(*was, "busy_ns"), busy) : 0;
            const auto cpu = with_rates()
                                 ? fmt::format("{:.1f}", 100 * static_cast<double>(busy - busy_before) / ns_per_second / seconds_)
                                 : fmt::format("{:.2f}", static_cast<double>(busy) / ns_per_second);
            auto condition = text(one, "condition");
            if (condition.empty()) condition = text(one, "failure");
            rows.add({name, text(one, "type"), text(one, "lane"), text(one, "state"), cpu,
                      std::to_string(number(one, "restarts")), addresses_of(name), condition});
        }
        return rows.print();
    }

    std::string addresses_of(const std::string& instance) const {
        std::vector<std::string> bound;
        for (const auto& each : list(now_, "addresses")) {
            if (text(each.get_object(), "instance") == instance) bound.push_back(text(each.get_object(), "bound"));
        }
        return fmt::format("{}", fmt::join(bound, " "));
    }

    std::string links() const {
        table rows({"LINK", "QUEUE", with_rates() ? "MSG/S" : "MESSAGES", with_rates() ? "BYTES/S" : "BYTES", "DEPTH", "P50 MS",
                    "P99 MS", "DROPPED"});
        for (const auto& each : list(now_, "links")) {
            const auto& one = each.get_object();
            const auto* const was = find(before_, "links", text(one, "name"));
            rows.add({text(one, "name"), text(one, "policy"), count(one, was, "delivered", ""), count(one, was, "bytes", "B"),
                      std::to_string(number(one, "depth")), milliseconds(number(one, "wait_p50_ns")),
                      milliseconds(number(one, "wait_p99_ns")), drops(one)});
        }
        return rows.empty() ? std::string() : rows.print();
    }

    std::string viewers() const {
        table rows({"VIEWER", "OF", with_rates() ? "MSG/S" : "MESSAGES", with_rates() ? "BYTES/S" : "BYTES", "WAITING", "AGE MS", "DROPPED"});
        for (const auto& each : list(now_, "instances")) {
            const auto& owner = each.get_object();
            const auto* const owner_before = find(before_, "instances", text(owner, "name"));
            for (const auto& viewer : list(owner, "viewers")) {
                const auto& one = viewer.get_object();
                const auto* const was = find(owner_before, "viewers", text(one, "name"));
                rows.add({text(one, "name"), text(owner, "name"), count(one, was, "delivered", ""),
                          count(one, was, "bytes", "B"), std::to_string(number(one, "waiting")),
                          milliseconds(number(one, "age_ns")), drops(one)});
            }
        }
        return rows.empty() ? std::string() : rows.print();
    }

    const json::object& now_;
    const json::object* before_;
    double seconds_;
};

}  // namespace

std::string status_table(const json::object& now, const json::object* before, double seconds) {
    return status_printer(now, before, seconds).print();
}
