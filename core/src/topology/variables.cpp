#include "topology/variables.hpp"

#include "topology/json_reader.hpp"
#include "topology/suggestion.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace streamhost {
namespace {

namespace json = boost::json;

located_value text_value(std::string_view text, place where) {
    located_value value;
    value.where = where;
    value.kind = json::kind::string;
    value.scalar = json::value(json::string_view(text.data(), text.size()));
    return value;
}

bool is_variable_name(std::string_view name) {
    const auto word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::all_of(name.begin(), name.end(), word);
}

struct variable {
    std::string_view name;
    std::optional<std::string_view> fallback;
};

/// What stands between the braces: `X` or `X:-default`.
std::optional<variable> read_variable(std::string_view inside) {
    const auto split = inside.find(":-");
    variable found{inside.substr(0, split), std::nullopt};
    if (split != std::string_view::npos) found.fallback = inside.substr(split + 2);
    if (!is_variable_name(found.name)) return std::nullopt;
    if (found.fallback && found.fallback->find("${") != std::string_view::npos) return std::nullopt;
    return found;
}

/// The one variable that the text consists of. Its default may have braces of its own: a JSON object.
std::optional<variable> whole_variable(std::string_view text) {
    if (!text.starts_with("${") || !text.ends_with('}')) return std::nullopt;
    return read_variable(text.substr(2, text.size() - 3));
}

/// A text with variables in it, cut up: what a piece stands for is plain text, or a variable.
struct text_piece {
    std::string plain;
    std::optional<variable> stands_for;
};

/// `$$` is `$`. Nothing, with what is wrong in `broken`, where a `${` begins no variable.
std::optional<std::vector<text_piece>> cut_up(std::string_view text, std::string_view& broken) {
    std::vector<text_piece> pieces(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i).starts_with("${")) {
            const auto end = text.find('}', i);
            broken = text.substr(i, end == text.npos ? end : end - i + 1);
            const auto variable = end == text.npos ? std::nullopt : read_variable(text.substr(i + 2, end - i - 2));
            if (!variable) return std::nullopt;
            pieces.push_back({{}, variable});
            pieces.emplace_back();
            i = end;
            continue;
        }
        if (text.substr(i).starts_with("$$")) ++i;
        pieces.back().plain += text[i];
    }
    return pieces;
}

void add_variables_used(const located_value& value, std::vector<std::string>& names) {
    if (value.is_text()) {
        std::string_view ignored;
        if (const auto variable = whole_variable(value.text())) {
            names.emplace_back(variable->name);
        } else if (const auto pieces = cut_up(value.text(), ignored)) {
            for (const auto& piece : *pieces) {
                if (piece.stands_for) names.emplace_back(piece.stands_for->name);
            }
        }
    }
    for (const auto& element : value.elements) add_variables_used(element, names);
    for (const auto& member : value.members) add_variables_used(member.value, names);
}

std::size_t values_in(const located_value& value) {
    std::size_t count = 1;
    for (const auto& element : value.elements) count += values_in(element);
    for (const auto& member : value.members) count += values_in(member.value);
    return count;
}

std::size_t depth_of(const located_value& value) {
    std::size_t deepest = 0;
    for (const auto& element : value.elements) deepest = std::max(deepest, depth_of(element));
    for (const auto& member : value.members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + (value.is_array() || value.is_object() ? 1 : 0);
}

/// All that is inside of it now stands where the variable stood.
void move_to(located_value& value, place where) {
    value.where = where;
    for (auto& element : value.elements) move_to(element, where);
    for (auto& member : value.members) {
        member.key_where = where;
        move_to(member.value, where);
    }
}

class expander {
public:
    expander(const environment_lookup& environment, const located_value* vars, problem_list& problems)
        : environment_(environment), vars_(vars), problems_(problems) {}

    void expand(located_value& value, const std::string& path, std::size_t depth) {
        if (value.is_text()) return expand_text(value, path, depth);  // what a variable gave is not expanded again
        for (std::size_t i = 0; i < value.elements.size(); ++i) expand(value.elements[i], path_to(path, i), depth + 1);
        for (auto& member : value.members) expand(member.value, path_to(path, member.key), depth + 1);
    }

private:
    void expand_text(located_value& value, const std::string& path, std::size_t depth) {
        const std::string text(value.text());
        if (text.find('$') == std::string::npos) return;
        if (const auto variable = whole_variable(text)) {
            replace(value, *variable, path, depth);
        } else {
            fill_in(value, text, path);
        }
    }

    /// Puts the variables' values into a text that has more than one variable in it.
    void fill_in(located_value& value, std::string_view text, const std::string& path) {
        std::string_view broken;
        const auto pieces = cut_up(text, broken);
        if (!pieces) {
            problems_.add(value.where, path,
                          fmt::format("{} is no variable, which looks like `${{name}}`; write `$$` for a `$`",
                                      quoted(std::string(broken))));
            value.broken = true;
            return;
        }
        std::string filled;
        for (const auto& piece : *pieces) {
            const auto part = piece.stands_for ? text_of(*piece.stands_for, value.where, path) : piece.plain;
            value.broken = value.broken || !part;
            if (part) filled += *part;
            added_bytes_ += piece.stands_for && part ? part->size() : 0;
        }
        value.scalar = json::value(filled);
        if (!value.broken && !has_room()) refuse_as_too_large(value, path, text);
    }

    /// What a variable is as a part of a text; nothing, with a problem, where it has no value or a list or an object.
    std::optional<std::string> text_of(const variable& variable, place where, const std::string& path) {
        const auto* var = vars_ != nullptr ? vars_->find(variable.name) : nullptr;
        if (var == nullptr) {
            auto given = environment_ ? environment_(variable.name) : std::nullopt;
            if (!given && variable.fallback) given = std::string(*variable.fallback);
            if (!given) problems_.add(where, path, unset_text(variable.name));
            if (!given || utf8_prefix(*given) == given->size()) return given;
            problems_.add(where, path, fmt::format("the variable `{}` is not UTF-8", variable.name));
            return std::nullopt;
        }
        const auto& value = var->value;
        if (value.broken) return std::nullopt;
        if (value.is_text()) return std::string(value.text());
        if (!value.is_object() && !value.is_array() && value.kind != json::kind::null) return json::serialize(plain(value));
        problems_.add(where, path,
                      fmt::format("the variable `{}` is {}, which cannot be a part of a text", variable.name, shown(value)));
        return std::nullopt;
    }

    bool has_room() const { return added_values_ <= max_topology_values && added_bytes_ <= max_topology_bytes; }

    void refuse_as_too_large(located_value& value, const std::string& path, std::string_view what) {
        problems_.add(value.where, path, fmt::format("`{}` makes the topology too large", what));
        value.broken = exhausted_ = true;
    }

    void replace(located_value& value, const variable& variable, const std::string& path, std::size_t depth) {
        const auto where = value.where;
        value.broken = exhausted_;
        if (exhausted_) return;
        auto found = look_up(variable, where);
        if (!found) {
            problems_.add(where, path, unset_text(variable.name));
            value.broken = true;
            return;
        }
        added_values_ += values_in(*found);
        added_bytes_ += plain_bytes(*found);
        if (!has_room() || depth + depth_of(*found) > max_topology_depth) {
            refuse_as_too_large(value, path, variable.name);
            return;
        }
        move_to(*found, where);
        value = std::move(*found);
    }

    std::optional<located_value> look_up(const variable& variable, place where) {
        if (const auto* var = vars_ != nullptr ? vars_->find(variable.name) : nullptr) {
            // A text in `vars` is read like one from the environment, so that `--set vars.X=...` and X=... agree.
            if (var->value.is_text() && !var->value.broken) return read_loosely(var->value.text(), where, problems_);
            return var->value;
        }
        if (environment_) {
            if (const auto text = environment_(variable.name)) return read_loosely(*text, where, problems_);
        }
        if (variable.fallback) return read_loosely(*variable.fallback, where, problems_);
        return std::nullopt;
    }

    std::string unset_text(std::string_view name) const {
        std::vector<std::string> names;
        if (vars_ != nullptr) {
            for (const auto& member : vars_->members) names.push_back(member.key);
        }
        const auto hint = did_you_mean(name, names);
        return hint.empty() ? fmt::format(
                                  "the variable `{0}` is not set; give it in the environment, in `vars`, or write "
                                  "`${{{0}:-default}}`",
                                  name)
                            : fmt::format("the variable `{}` is not set{}", name, hint);
    }

    static std::size_t plain_bytes(const located_value& value) {
        std::size_t bytes = value.is_text() ? value.text().size() : 8;
        for (const auto& element : value.elements) bytes += plain_bytes(element);
        for (const auto& member : value.members) bytes += member.key.size() + plain_bytes(member.value);
        return bytes;
    }

    const environment_lookup& environment_;
    const located_value* vars_;
    problem_list& problems_;
    std::size_t added_values_ = 0;
    std::size_t added_bytes_ = 0;
    bool exhausted_ = false;  ///< the topology became too large, which was said once
};

/// The element or member of `parent` that `step` names; null, with a problem, where there can be none.
located_value* descend(located_value& parent, std::string_view step, place where, std::string_view path,
                       problem_list& problems) {
    if (parent.is_array()) {
        std::size_t index = 0;
        const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
        const bool whole = parsed.ec == std::errc() && parsed.ptr == step.data() + step.size();
        if (whole && index < parent.elements.size()) return &parent.elements[index];
        problems.add(where, std::string(path), fmt::format("the list has no element {}", quoted(step)));
        return nullptr;
    }
    if (!parent.is_object()) {
        problems.add(where, std::string(path), fmt::format("{} is not inside an object", quoted(step)));
        return nullptr;
    }
    if (auto* member = parent.find(step)) return &member->value;
    located_value fresh;
    fresh.where = where;
    fresh.kind = json::kind::object;
    parent.members.push_back({std::string(step), where, std::move(fresh)});
    return &parent.members.back().value;
}

}  // namespace

located_value read_loosely(std::string_view text, place where, problem_list& problems) {
    if (utf8_prefix(text) < text.size()) {
        problems.add(where, {}, "a text from outside the file is not UTF-8");
        auto value = text_value({}, where);
        value.broken = true;
        return value;
    }
    problem_list found;
    auto value = read_json(text, found, where);
    // A doubled key in it makes it no JSON that could be meant: then it is a text.
    if (!value || found.has_errors()) return text_value(text, where);
    return std::move(*value);
}

void apply_override(located_value& root, std::string_view path, std::string_view value, place where,
                    problem_list& problems) {
    constexpr std::size_t deepest = max_topology_depth - 1;
    located_value* target = &root;
    std::size_t depth = 0;
    for (std::size_t begin = 0; begin <= path.size(); ++depth) {
        const auto end = std::min(path.find('.', begin), path.size());
        const auto step = path.substr(begin, end - begin);
        if (step.empty() || depth >= deepest) {
            problems.add(where, std::string(path), "expected a path such as modules.camera.fps");
            return;
        }
        target = descend(*target, step, where, path, problems);
        if (target == nullptr) return;
        begin = end + 1;
    }
    auto replacement = read_loosely(value, where, problems);
    if (depth + depth_of(replacement) > max_topology_depth) {
        problems.add(where, std::string(path), fmt::format("nested deeper than {} levels", max_topology_depth));
        return;
    }
    *target = std::move(replacement);
}

void check_variable_overrides(const located_value& root, std::span<const std::pair<std::string, std::string>> overrides,
                              problem_list& problems) {
    constexpr std::string_view prefix = "vars.";
    std::vector<std::string> known;
    if (const auto* vars = root.find("vars")) {
        for (const auto& member : vars->value.members) known.push_back(member.key);
    }
    add_variables_used(root, known);
    // Another override may bring a text that is a variable, or all of `vars`.
    for (const auto& [path, value] : overrides) {
        if (path == "vars") return;
        problem_list ignored;  // they are found where it is applied
        add_variables_used(read_loosely(value, {}, ignored), known);
    }
    for (std::size_t i = 0; i < overrides.size(); ++i) {
        const std::string_view path = overrides[i].first;
        if (!path.starts_with(prefix)) continue;
        const auto name = path.substr(prefix.size(), path.find('.', prefix.size()) - prefix.size());
        if (name.empty() || std::ranges::find(known, name) != known.end()) continue;
        const auto hint = did_you_mean(name, known);
        problems.add({static_cast<std::int32_t>(i), 0, 0}, std::string(path),
                     "the topology has no such variable" + hint);
    }
}

void expand_variables(located_value& root, const environment_lookup& environment, problem_list& problems) {
    if (!root.is_object()) return;
    auto* vars = root.find("vars");
    if (vars != nullptr) expander(environment, nullptr, problems).expand(vars->value, "vars", 1);
    const located_value* known = vars != nullptr && vars->value.is_object() ? &vars->value : nullptr;
    expander rest(environment, known, problems);
    for (auto& member : root.members) {
        if (member.key != "vars") rest.expand(member.value, member.key, 1);
    }
}

}  // namespace streamhost
