#include "topology/module_docs.hpp"

#include "topology/duration_text.hpp"
#include "topology/host_keys.hpp"
#include "topology/settings_check.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace streamhost {
namespace {

struct table_row {
    std::string name;
    std::string text;
};

/// Two columns, the first as wide as its widest text.
std::string columns(const std::vector<table_row>& rows) {
    std::size_t width = 0;
    for (const auto& row : rows) width = std::max(width, row.name.size());
    std::string text;
    for (const auto& row : rows) text += fmt::format("  {:<{}}  {}\n", row.name, width, row.text);
    return text;
}

std::string in_brackets(const std::string& text) { return text.empty() ? text : fmt::format(" ({})", text); }

std::string port_type(const port_info& port) {
    if (port.any) return port.named_type.empty() ? "any" : port.named_type;
    return std::string(port.type->name);
}

std::vector<table_row> rows_of(const std::vector<port_info>& ports) {
    std::vector<table_row> rows;
    for (const auto& port : ports) {
        rows.push_back({port.name, fmt::format("{}: {}{}", port_type(port), port.help, in_brackets(remarks(port)))});
    }
    return rows;
}

std::vector<table_row> rows_of(const std::vector<setting_info>& settings) {
    std::vector<table_row> rows;
    for (const auto& setting : settings) {
        std::vector<std::string> facts{kind_text(setting)};
        if (const auto usual = default_text(setting); !usual.empty()) facts.push_back("default " + usual);
        if (const auto more = remarks(setting); !more.empty()) facts.push_back(more);
        rows.push_back({setting.name, fmt::format("{}: {}", setting.help, fmt::join(facts, ", "))});
    }
    return rows;
}

std::vector<std::string> abilities(const module_info& info) {
    std::vector<std::string> lines;
    if (info.capture) lines.emplace_back("A live source: no consumer holds it back.");
    if (info.listens) lines.emplace_back("Listens: takes `limits`, and `allow` beyond loopback.");
    else if (info.dials) lines.emplace_back("Dials: takes `limits`.");
    if (info.serves_viewers) lines.emplace_back("Serves viewers: takes `viewers`.");
    for (const auto& resource : info.claims)
        lines.push_back(fmt::format("Holds the {}: one instance per host.", resource));
    if (info.ports_for) lines.emplace_back("Its ports depend on its settings.");
    return lines;
}

}  // namespace

std::string kind_text(const setting_info& setting) {
    auto text = expected(setting);
    for (const std::string_view article : {"a ", "an "}) {
        if (text.starts_with(article)) text.erase(0, article.size());
    }
    return text;
}

std::string default_text(const setting_info& setting) {
    const auto& value = setting.default_value;
    if (value.is_null()) return {};
    if (const auto* number = setting.kind == setting_kind::number ? value.if_double() : nullptr)
        return fmt::format("{}", *number);
    if (setting.kind != setting_kind::duration) return boost::json::serialize(value);
    return "\"" + to_text(duration_from_ms(value.to_number<double>()).value_or(std::chrono::nanoseconds(0))) + "\"";
}

std::string remarks(const setting_info& setting) {
    std::vector<std::string> texts;
    if (setting.required) texts.emplace_back("required");
    else if (setting.default_value.is_null()) texts.emplace_back("optional");
    if (!setting.exclusive.empty()) texts.emplace_back("held by one instance only");
    if (setting.live) texts.emplace_back("may change while running");
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string remarks(const port_info& port) {
    std::vector<std::string> texts;
    if (port.required) texts.emplace_back("required");
    if (port.many) texts.emplace_back("any number of links");
    return fmt::format("{}", fmt::join(texts, ", "));
}

std::string describe_list(std::span<const module_info* const> types) {
    std::vector<table_row> rows;
    for (const auto* info : types) rows.push_back({info->type, info->help});
    return columns(rows);
}

std::string describe_text(const module_info& info) {
    std::string text = fmt::format("{}: {}\n", info.type, info.help);
    for (const auto& line : abilities(info)) text += line + "\n";
    if (!info.settings.empty()) text += "\nsettings\n" + columns(rows_of(info.settings));
    if (!info.ports.inputs.empty()) text += "\ninputs\n" + columns(rows_of(info.ports.inputs));
    if (!info.ports.outputs.empty()) text += "\noutputs\n" + columns(rows_of(info.ports.outputs));
    return text;
}

namespace {

/// A table cell: what Markdown would take for markup is kept from it.
std::string cell(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|' || c == '<' || c == '*' || c == '_') safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string code(const std::string& text) { return text.empty() ? text : fmt::format("`{}`", text); }

std::string settings_table(const std::vector<setting_info>& settings) {
    std::string text = "\n| setting | what for | value | default | |\n| --- | --- | --- | --- | --- |\n";
    for (const auto& setting : settings) {
        text += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.name, cell(setting.help),
                            cell(kind_text(setting)), code(default_text(setting)), remarks(setting));
    }
    return text;
}

std::string ports_table(std::string_view side, const std::vector<port_info>& ports) {
    std::string text = fmt::format("\n| {} | type | what | |\n| --- | --- | --- | --- |\n", side);
    for (const auto& port : ports) {
        text +=
            fmt::format("| `{}` | {} | {} | {} |\n", port.name, code(port_type(port)), cell(port.help), remarks(port));
    }
    return text;
}

}  // namespace

std::string describe_markdown(std::span<const module_info* const> types) {
    std::string text;
    for (const auto* info : types) {
        text += fmt::format("{}## {}\n\n{}.\n", text.empty() ? "" : "\n", info->type, cell(info->help));
        for (const auto& line : abilities(*info)) text += "\n" + line + "\n";
        if (!info->settings.empty()) text += settings_table(info->settings);
        if (!info->ports.inputs.empty()) text += ports_table("input", info->ports.inputs);
        if (!info->ports.outputs.empty()) text += ports_table("output", info->ports.outputs);
    }
    return text;
}

std::string describe_host_keys_markdown() {
    std::string text =
        "\n## Keys of every instance\n\n"
        "Beside the settings of its type. `limits`, `allow` and `log` may also stand at the top of the topology, for all.\n\n"
        "| key | what for |\n| --- | --- |\n"
        "| `lane` | name of the thread that runs it; usually `default`, which all of that name share |\n"
        "| `optional` | the host starts without it where it cannot be had |\n"
        "| `essential` | the host ends where it has failed for good |\n"
        "| `allow` | networks whose peers may connect, such as `[\"192.168.1.0/24\"]`; usually this machine only |\n"
        "| `log` | the least level of its log lines |\n"
        "| `restart`, `queue`, `viewers`, `limits` | see below; `queue` is of the links to it, and of a link where that says so |\n";
    text += "\n### `restart`\n" + settings_table(restart_schema().settings);
    text += "\n### `queue`\n" + settings_table(queue_schema().settings);
    text += "\n### `viewers`\n\nOf modules that serve any number of viewers. Its `queue` is that of each viewer, with the policies "
            "`latest`, `drop_oldest` and `disconnect`.\n" +
            settings_table(viewers_schema().settings);
    text += "\n### `limits`\n" + settings_table(limits_schema().settings);
    text += "\n### `fault`\n\nOf a link, for tests; it is refused unless the host was started with `--allow-faults`.\n" +
            settings_table(fault_schema().settings);
    return text;
}

}  // namespace streamhost
