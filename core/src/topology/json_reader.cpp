#include "topology/json_reader.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

namespace streamhost {
namespace {

namespace json = boost::json;

/// Turns offsets into places. Offsets come in rising order, so the text is walked once.
class locator {
public:
    locator(std::string_view text, std::optional<place> fixed) : text_(text), fixed_(fixed) {}

    place at(std::size_t offset) {
        if (fixed_) return *fixed_;
        for (; walked_ < offset && walked_ < text_.size(); ++walked_) {
            const auto byte = static_cast<unsigned char>(text_[walked_]);
            if (byte == '\n') ++here_.line, here_.column = 1;
            else if ((byte & 0xc0) != 0x80) ++here_.column;
        }
        // Inside a sequence the walk has counted the character already.
        return here_;
    }

private:
    std::string_view text_;
    std::optional<place> fixed_;
    std::size_t walked_ = 0;
    place here_;
};

/// Builds the tree from the parser's events. The parser gets one byte at a time, so when an event comes, `at_` is the
/// byte that caused it, and the start of the token lies at a known distance before it.
class tree_builder {
public:
    tree_builder(std::string_view text, locator locator, problem_list& problems)
        : text_(text), problems_(problems), locator_(locator) {}

    void set_position(std::size_t offset) { at_ = offset; }
    place here(std::size_t offset) { return locator_.at(offset); }
    std::optional<located_value> take_root() { return std::move(root_); }

    bool begin(json::kind kind, json::error_code& ec) {
        open_.push_back({{}, {}, {}, {}});
        open_.back().value.where = locator_.at(at_);
        open_.back().value.kind = kind;
        return counted(ec);
    }
    void end() {
        auto done = std::move(open_.back().value);
        open_.pop_back();
        place_value(std::move(done));
    }

    void text_part(json::string_view part) { buffer_.append(part.data(), part.size()); }

    void key() {
        auto& object = open_.back();
        object.key = std::exchange(buffer_, {});
        object.key_where = locator_.at(string_start());
    }

    bool scalar(json::kind kind, json::value value, std::size_t start, json::error_code& ec) {
        located_value located;
        located.where = locator_.at(start);
        located.kind = kind;
        located.scalar = std::move(value);
        place_value(std::move(located));
        return counted(ec);
    }

    bool string(json::error_code& ec) {
        return scalar(json::kind::string, json::value(std::exchange(buffer_, {})), string_start(), ec);
    }

    bool number(json::kind kind, json::value value, json::error_code& ec) {
        const auto start = number_start();
        if (kind != json::kind::double_) return scalar(kind, std::move(value), start, ec);
        double exact = 0;  // the parser's own conversion is fast and off by a few units in the last place
        const auto parsed = std::from_chars(text_.data() + start, text_.data() + at_, exact);
        if (parsed.ec != std::errc() || !std::isfinite(exact)) {
            ec = json::make_error_code(json::error::exponent_overflow);
            return false;
        }
        return scalar(kind, exact, start, ec);
    }

    bool keyword(json::kind kind, json::value value, std::size_t length, json::error_code& ec) {
        return scalar(kind, std::move(value), at_ + 1 - length, ec);
    }

private:
    struct container {
        located_value value;
        std::string key;
        place key_where;
        std::unordered_map<std::string, place> seen;
    };

    void place_value(located_value value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return;
        }
        auto& parent = open_.back();
        if (parent.value.is_array()) {
            parent.value.elements.push_back(std::move(value));
            return;
        }
        const auto [first, is_new] = parent.seen.emplace(parent.key, parent.key_where);
        if (is_new) parent.value.members.push_back({std::move(parent.key), parent.key_where, std::move(value)});
        else report_duplicate(parent, first->second);
    }

    void report_duplicate(const container& object, place first) {
        const auto where = object.key_where;
        problems_.add(where, {}, first.set < 0 ? fmt::format("the key {} is here for the second time, first at {}:{}",
                                                             quoted(object.key), first.line, first.column)
                                               : fmt::format("the key {} is here twice", quoted(object.key)));
    }

    /// The opening quote of the string whose closing quote is at `at_`: the nearest one before it that is not escaped.
    /// No backslash can stand right before an opening quote, for comments are gone.
    std::size_t string_start() const {
        for (std::size_t quote = at_; quote-- > 0;) {
            if (text_[quote] != '"') continue;
            std::size_t slashes = 0;
            while (slashes < quote && text_[quote - 1 - slashes] == '\\') ++slashes;
            if (slashes % 2 == 0) return quote;
        }
        return 0;
    }

    /// A number is known to end only with the byte after it.
    std::size_t number_start() const {
        std::size_t start = at_;
        while (start > 0 && std::strchr("0123456789+-.eE", text_[start - 1]) != nullptr && text_[start - 1] != '\0')
            --start;
        return start;
    }

    bool counted(json::error_code& ec) {
        if (++values_ <= max_topology_values) return true;
        ec = json::make_error_code(json::error::array_too_large);
        return false;
    }

    std::string_view text_;  // without comments
    problem_list& problems_;
    locator locator_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::string buffer_;
    std::vector<container> open_;
    std::optional<located_value> root_;
};

/// Boost.JSON's handler: names and signatures are its own.
struct handler {
    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);

    tree_builder& tree;

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_array_begin(json::error_code& ec) { return tree.begin(json::kind::array, ec); }
    bool on_object_begin(json::error_code& ec) { return tree.begin(json::kind::object, ec); }
    bool on_array_end(std::size_t, json::error_code&) { return tree.end(), true; }
    bool on_object_end(std::size_t, json::error_code&) { return tree.end(), true; }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return tree.text_part(part), true; }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return tree.text_part(part), true; }
    bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
        tree.text_part(part);
        return tree.string(ec);
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        tree.text_part(part);
        return tree.key(), true;
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, json::error_code& ec) {
        return tree.number(json::kind::int64, value, ec);
    }
    bool on_uint64(std::uint64_t value, json::string_view, json::error_code& ec) {
        return tree.number(json::kind::uint64, value, ec);
    }
    bool on_double(double value, json::string_view, json::error_code& ec) {
        return tree.number(json::kind::double_, value, ec);
    }
    bool on_bool(bool value, json::error_code& ec) {
        return tree.keyword(json::kind::bool_, value, value ? 4 : 5, ec);
    }
    bool on_null(json::error_code& ec) { return tree.keyword(json::kind::null, nullptr, 4, ec); }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
};

std::string syntax_text(std::string_view text, std::size_t at, const json::error_code& ec) {
    if (ec == json::error::too_deep) return fmt::format("nested deeper than {} levels", max_topology_depth);
    if (ec == json::error::array_too_large) return fmt::format("more than {} values", max_topology_values);
    if (ec == json::error::exponent_overflow) return "a number that is too large";
    if (at >= text.size()) return "not JSON: the text ends too early; a bracket or a quote is not closed";
    if (ec == json::error::extra_data) return "not JSON: something follows after the end of the topology";
    if (ec != json::error::syntax) return fmt::format("not JSON: {}", ec.message());
    if (text[at] == '\n') return "not JSON: unexpected end of the line";
    std::size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xc0) == 0x80) ++length;
    return fmt::format("not JSON: unexpected {}", quoted(text.substr(at, length)));
}

/// Just behind the closing quote of the string that opens at `quote`, or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t quote) {
    std::size_t at = quote + 1;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

/// Just behind the comment that begins at `slash`; `npos` for one that is not closed.
std::size_t end_of_comment(std::string_view text, std::size_t slash) {
    if (text[slash + 1] == '/') return std::min(text.find('\n', slash), text.size());
    const auto close = text.find("*/", slash + 2);
    return close == std::string_view::npos ? close : close + 2;
}

/// Blanks instead of comments, byte for byte, so that offsets stay. (The parser takes comments itself, but Boost 1.81
/// refuses some of them when it is fed in pieces: those before a value.) `open_comment` is where one is not closed.
std::string without_comments(std::string_view text, std::size_t& open_comment) {
    std::string blanked(text);
    open_comment = std::string_view::npos;
    for (std::size_t at = 0; at < text.size();) {
        const bool comment = text.substr(at, 2) == "//" || text.substr(at, 2) == "/*";
        if (text[at] == '"') {
            at = end_of_string(text, at);
        } else if (comment) {
            const auto end = end_of_comment(text, at);
            if (end == std::string_view::npos) {
                open_comment = at;
                break;
            }
            std::fill(blanked.begin() + static_cast<std::ptrdiff_t>(at),
                      blanked.begin() + static_cast<std::ptrdiff_t>(end), ' ');
            at = end;
        } else {
            ++at;
        }
    }
    return blanked;
}

/// The offset of the byte that cannot be, and why; nothing for a text that is JSON.
std::optional<std::pair<std::size_t, json::error_code>> parse(std::string_view text, tree_builder& tree) {
    json::parse_options options;
    options.max_depth = max_topology_depth;
    options.allow_trailing_commas = true;
    json::basic_parser<handler> parser(options, handler{tree});
    json::error_code ec;
    // One byte more than there are: the line end finishes a number at the end of the text.
    for (std::size_t at = 0; at <= text.size(); ++at) {
        tree.set_position(at);
        const char byte = at < text.size() ? text[at] : '\n';
        const auto taken = parser.write_some(true, &byte, 1, ec);
        if (!ec && taken == 0) ec = json::make_error_code(json::error::extra_data);
        if (ec) return std::pair(at, ec);
    }
    parser.write_some(false, "", 0, ec);
    if (ec) return std::pair(text.size(), ec);
    return std::nullopt;
}

}  // namespace

std::optional<located_value> read_json(std::string_view text, problem_list& problems, std::optional<place> fixed) {
    const place start = fixed.value_or(place{});
    if (text.size() > max_topology_bytes) {
        problems.add(start, {}, fmt::format("larger than {} bytes", max_topology_bytes));
        return std::nullopt;
    }
    const auto valid = utf8_prefix(text);
    if (valid < text.size()) {
        problems.add(locator(text, fixed).at(valid), {}, "not UTF-8");
        return std::nullopt;
    }
    std::size_t open_comment = 0;
    const auto blanked = without_comments(text, open_comment);
    if (open_comment != std::string_view::npos) {
        problems.add(locator(text, fixed).at(open_comment), {}, "not JSON: the comment is not closed");
        return std::nullopt;
    }
    tree_builder tree(blanked, locator(text, fixed), problems);
    if (const auto failed = parse(blanked, tree)) {
        problems.add(tree.here(failed->first), {}, syntax_text(text, failed->first, failed->second));
        return std::nullopt;
    }
    return tree.take_root();
}

}  // namespace streamhost
