#include "wire/pickle_cursor.hpp"
#include "wire/pickle_grammar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <vector>

namespace streamhost::pickle {
namespace {

using grammar::item;
using grammar::kind;

/// One reading of one payload. A step returns false once the cursor was told what is refused.
class reader {
public:
    explicit reader(const shared_bytes& payload) : in_(payload) { stack_.reserve(max_stack); }

    result<value> run();
    const refusal& why() const noexcept { return in_.why(); }

private:
    using step = bool (reader::*)();
    static constexpr std::array<step, 256> make_steps();
    bool run_step(int already_run);

    // The stack and the memo.
    bool push(item made);
    bool push_made(result<item> made, std::string_view what);
    std::size_t fence() const noexcept { return marks_.empty() ? 0 : marks_.back(); }
    bool need(std::size_t count);
    item pop();
    bool close(std::size_t members);
    bool remember(std::uint64_t index);
    bool recall(std::uint64_t index);
    bool name_callable(std::string_view module, std::string_view name);

    // One step for each opcode of the grammar.
    bool protocol();
    bool frame();
    bool none_value() { return push({}); }
    template <bool Value>
    bool boolean();
    template <class Integer>
    bool integer();
    bool integer_line();
    bool long_line();
    bool long_bytes();
    bool real_line();
    bool real_bytes();
    bool text_line();
    template <class Length>
    bool text();
    template <class Length, kind What>
    bool content();
    bool put_line();
    template <class Index>
    bool put();
    bool memoize() { return remember(memo_used_); }
    bool get_line();
    template <class Index>
    bool get();
    bool callable_lines();
    bool callable_from_stack();
    bool mark();
    bool tuple();
    template <std::size_t Members>
    bool short_tuple();
    bool reduce();
    bool build();
    bool stop();

    cursor in_;
    bool stopped_ = false;
    std::vector<item> stack_;
    std::vector<std::size_t> marks_;
    std::array<std::optional<item>, max_memo> memo_;
    std::size_t memo_used_ = 0;
};

constexpr std::array<reader::step, 256> reader::make_steps() {
    std::array<step, 256> steps{};
    steps[0x80] = &reader::protocol;
    steps[0x95] = &reader::frame;
    steps['N'] = &reader::none_value;
    steps[0x88] = &reader::boolean<true>;
    steps[0x89] = &reader::boolean<false>;
    steps['K'] = &reader::integer<std::uint8_t>;
    steps['M'] = &reader::integer<std::uint16_t>;
    steps['J'] = &reader::integer<std::int32_t>;
    steps['I'] = &reader::integer_line;
    steps['L'] = &reader::long_line;
    steps[0x8A] = &reader::long_bytes;
    steps['F'] = &reader::real_line;
    steps['G'] = &reader::real_bytes;
    steps['V'] = &reader::text_line;
    steps[0x8C] = &reader::text<std::uint8_t>;
    steps['X'] = &reader::text<std::uint32_t>;
    steps['C'] = &reader::content<std::uint8_t, kind::bytes>;
    steps['B'] = &reader::content<std::uint32_t, kind::bytes>;
    steps[0x96] = &reader::content<std::uint64_t, kind::byte_array>;
    steps['p'] = &reader::put_line;
    steps['q'] = &reader::put<std::uint8_t>;
    steps['r'] = &reader::put<std::uint32_t>;
    steps[0x94] = &reader::memoize;
    steps['g'] = &reader::get_line;
    steps['h'] = &reader::get<std::uint8_t>;
    steps['j'] = &reader::get<std::uint32_t>;
    steps['c'] = &reader::callable_lines;
    steps[0x93] = &reader::callable_from_stack;
    steps['('] = &reader::mark;
    steps['t'] = &reader::tuple;
    steps[')'] = &reader::short_tuple<0>;
    steps[0x85] = &reader::short_tuple<1>;
    steps[0x86] = &reader::short_tuple<2>;
    steps[0x87] = &reader::short_tuple<3>;
    steps['R'] = &reader::reduce;
    steps['b'] = &reader::build;
    steps['.'] = &reader::stop;
    return steps;
}

result<value> reader::run() {
    for (int count = 0; !stopped_; ++count) {
        if (!run_step(count)) return why().reason;
    }
    auto whole = grammar::finish(stack_.back());
    if (!whole) in_.fail(whole.error(), "what remains is no value");
    return whole;
}

bool reader::run_step(int already_run) {
    static constexpr auto steps = make_steps();
    std::uint8_t opcode = 0;
    if (!in_.next_opcode(opcode)) return false;
    if (already_run == max_opcodes) return in_.fail(errc::too_large, fmt::format("more than {} opcodes", max_opcodes));
    if (!steps[opcode])
        return in_.fail(errc::unsupported, fmt::format("opcode 0x{:02x} is outside the grammar", opcode));
    return (this->*steps[opcode])();
}

bool reader::push(item made) {
    if (stack_.size() == max_stack)
        return in_.fail(errc::too_large, fmt::format("more than {} values on the stack", max_stack));
    stack_.push_back(std::move(made));
    return true;
}

bool reader::push_made(result<item> made, std::string_view what) {
    if (!made) return in_.fail(made.error(), fmt::format("{} outside the grammar", what));
    return push(std::move(*made));
}

bool reader::need(std::size_t count) {
    return stack_.size() - fence() >= count || in_.fail(errc::malformed, "too few values on the stack");
}

item reader::pop() {
    auto top = std::move(stack_.back());
    stack_.pop_back();
    return top;
}

bool reader::close(std::size_t members) {
    auto made = grammar::close_tuple(std::span(stack_).last(members));
    stack_.resize(stack_.size() - members);
    return push_made(std::move(made), "a tuple");
}

bool reader::remember(std::uint64_t index) {
    if (!need(1)) return false;
    if (index >= memo_.size()) return in_.fail(errc::too_large, fmt::format("more than {} memo entries", max_memo));
    auto& entry = memo_[index];
    if (!entry) ++memo_used_;
    entry.emplace();
    if (grammar::is_literal(stack_.back())) {
        *entry = stack_.back();
    } else {
        entry->what = kind::forgotten;
    }
    return true;
}

bool reader::recall(std::uint64_t index) {
    if (index >= memo_.size() || !memo_[index]) return in_.fail(errc::malformed, "an empty memo entry");
    if (memo_[index]->what == kind::forgotten) return in_.fail(errc::unsupported, "a memo entry that is no literal");
    return push(*memo_[index]);
}

bool reader::name_callable(std::string_view module, std::string_view name) {
    const auto target = grammar::find_callable(module, name);
    if (!target)
        return in_.fail(errc::unsupported,
                        fmt::format("{}.{} is outside the grammar", printable(module), printable(name)));
    item made;
    made.what = kind::callable;
    made.target = *target;
    return push(std::move(made));
}

bool reader::protocol() {
    std::uint8_t version = 0;
    if (!in_.take(version)) return false;
    if (!in_.at_first_opcode()) return in_.fail(errc::malformed, "a protocol opcode that is not the first");
    if (version < 2 || version > 5) return in_.fail(errc::unsupported, fmt::format("protocol {}", version));
    return true;
}

bool reader::frame() {
    std::uint64_t length = 0;
    return in_.take(length) && in_.enter_frame(length);
}

template <bool Value>
bool reader::boolean() {
    item made;
    made.what = kind::boolean;
    made.integer = Value;
    return push(std::move(made));
}

template <class Integer>
bool reader::integer() {
    Integer number = 0;
    if (!in_.take(number)) return false;
    item made;
    made.what = kind::integer;
    made.integer = number;
    return push(std::move(made));
}

// The longest are "-9223372036854775808" with protocol 0's L after it, and the repr of a float.
constexpr std::size_t longest_number = 32;
constexpr std::size_t longest_name = 64;

bool reader::integer_line() {
    std::string_view line;
    if (!in_.take_line(line, longest_number)) return false;
    item made;
    made.what = line == "00" || line == "01" ? kind::boolean : kind::integer;
    return in_.to_number(line, made.integer) && push(std::move(made));
}

bool reader::long_line() {
    std::string_view line;
    if (!in_.take_line(line, longest_number)) return false;
    if (line.ends_with('L')) line.remove_suffix(1);
    item made;
    made.what = kind::integer;
    return in_.to_number(line, made.integer) && push(std::move(made));
}

bool reader::long_bytes() {
    std::uint8_t length = 0;
    const std::byte* bytes = nullptr;
    if (!in_.take(length)) return false;
    if (length > sizeof(std::int64_t)) return in_.fail(errc::too_large, "a number of more than 64 bits");
    if (!in_.take(length, bytes)) return false;
    const bool negative = length > 0 && (bytes[length - 1] & std::byte{0x80}) != std::byte{0};
    std::array<std::byte, sizeof(std::int64_t)> extended;
    extended.fill(negative ? std::byte{0xFF} : std::byte{0});
    std::copy_n(bytes, length, extended.begin());
    item made;
    made.what = kind::integer;
    made.integer = wire::load<std::int64_t>(extended.data());
    return push(std::move(made));
}

bool reader::real_line() {
    std::string_view line;
    if (!in_.take_line(line, longest_number)) return false;
    item made;
    made.what = kind::real;
    return in_.to_number(line, made.real) && push(std::move(made));
}

bool reader::real_bytes() {
    const std::byte* bytes = nullptr;
    if (!in_.take(sizeof(double), bytes)) return false;
    std::array<std::byte, sizeof(double)> reversed;  // the one big-endian number of the format
    std::reverse_copy(bytes, bytes + reversed.size(), reversed.begin());
    item made;
    made.what = kind::real;
    made.real = std::bit_cast<double>(wire::load<std::uint64_t>(reversed.data()));
    return push(std::move(made));
}

bool reader::text_line() {
    item made;
    made.what = kind::string;
    made.escaped = true;
    return in_.take_line(made.text, in_.payload().size()) && push(std::move(made));
}

template <class Length>
bool reader::text() {
    shared_bytes characters;
    if (!in_.take_counted<Length>(characters)) return false;
    item made;
    made.what = kind::string;
    made.text = characters.as_text();
    return push(std::move(made));
}

template <class Length, kind What>
bool reader::content() {
    item made;
    made.what = What;
    return in_.take_counted<Length>(made.content) && push(std::move(made));
}

bool reader::put_line() {
    std::string_view line;
    std::uint64_t index = 0;
    return in_.take_line(line, longest_number) && in_.to_number(line, index) && remember(index);
}

template <class Index>
bool reader::put() {
    Index index = 0;
    return in_.take(index) && remember(index);
}

bool reader::get_line() {
    std::string_view line;
    std::uint64_t index = 0;
    return in_.take_line(line, longest_number) && in_.to_number(line, index) && recall(index);
}

template <class Index>
bool reader::get() {
    Index index = 0;
    return in_.take(index) && recall(index);
}

bool reader::callable_lines() {
    std::string_view module;
    std::string_view name;
    return in_.take_line(module, longest_name) && in_.take_line(name, longest_name) && name_callable(module, name);
}

bool reader::callable_from_stack() {
    if (!need(2)) return false;
    const auto name = pop();
    const auto module = pop();
    if (name.what != kind::string || module.what != kind::string)
        return in_.fail(errc::unsupported, "a callable whose name is no string");
    return name_callable(module.text, name.text);
}

bool reader::mark() {
    if (marks_.size() == max_depth)
        return in_.fail(errc::too_large, fmt::format("more than {} nested marks", max_depth));
    marks_.push_back(stack_.size());
    return true;
}

bool reader::tuple() {
    if (marks_.empty()) return in_.fail(errc::malformed, "a tuple without a mark");
    const auto members = stack_.size() - marks_.back();
    marks_.pop_back();
    return close(members);
}

template <std::size_t Members>
bool reader::short_tuple() {
    return need(Members) && close(Members);
}

bool reader::reduce() {
    if (!need(2)) return false;
    const auto arguments = pop();
    const auto target = pop();
    return push_made(grammar::reduce(target, arguments), "a call");
}

bool reader::build() {
    if (!need(2)) return false;
    const auto state = pop();
    const auto target = pop();
    return push_made(grammar::build(target, state), "a state");
}

bool reader::stop() {
    if (!in_.at_end()) return in_.fail(errc::malformed, "bytes after the end of the pickle");
    if (stack_.size() != 1 || !marks_.empty()) return in_.fail(errc::malformed, "not one value at the end");
    stopped_ = true;
    return true;
}

}  // namespace

result<value> parse(const shared_bytes& payload, refusal* why) {
    reader reading(payload);
    auto whole = reading.run();
    if (!whole && why) *why = reading.why();
    return whole;
}

}  // namespace streamhost::pickle
