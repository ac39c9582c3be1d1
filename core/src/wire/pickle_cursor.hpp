#pragma once

#include <streamhost/wire/pickle.hpp>

#include "wire/little_endian.hpp"

#include <charconv>
#include <string_view>

namespace streamhost::pickle {

/// Foreign bytes as the log may show them.
std::string printable(std::string_view foreign);

/// Reads the opcodes of a pickle and their arguments, within the payload and within its frames. Each function returns
/// false once something was refused; the first refusal is kept.
class cursor {
public:
    explicit cursor(const shared_bytes& payload) : payload_(payload), limit_(payload.size()) {}

    bool next_opcode(std::uint8_t& opcode);
    bool at_first_opcode() const noexcept { return opcode_at_ == 0; }
    bool at_end() const noexcept { return position_ == payload_.size(); }

    bool take(std::size_t count, const std::byte*& bytes);
    template <class Integer>
    bool take(Integer& number);
    /// A length and that many bytes, which stay in the payload.
    template <class Length>
    bool take_counted(shared_bytes& content);
    /// A line of at most `longest` bytes, without its end.
    bool take_line(std::string_view& line, std::size_t longest);
    bool enter_frame(std::uint64_t length);

    /// The whole line as a decimal number.
    template <class Number>
    bool to_number(std::string_view line, Number& number);

    bool fail(error_code reason, std::string text);
    const refusal& why() const noexcept { return why_; }
    const shared_bytes& payload() const noexcept { return payload_; }

private:
    shared_bytes payload_;
    std::size_t position_ = 0;
    std::size_t limit_;  // end of the current frame, else of the payload
    bool in_frame_ = false;
    std::size_t opcode_at_ = 0;
    refusal why_;
};

template <class Integer>
bool cursor::take(Integer& number) {
    const std::byte* bytes = nullptr;
    if (!take(sizeof(Integer), bytes)) return false;
    number = wire::load<Integer>(bytes);
    return true;
}

template <class Length>
bool cursor::take_counted(shared_bytes& content) {
    Length length = 0;
    const std::byte* bytes = nullptr;
    if (!take(length) || !take(length, bytes)) return false;
    content = payload_.slice(position_ - length, length);
    return true;
}

template <class Number>
bool cursor::to_number(std::string_view line, Number& number) {
    const char* end = line.data() + line.size();
    const auto [stopped, error] = std::from_chars(line.data(), end, number);
    if (error == std::errc::result_out_of_range) return fail(errc::too_large, "a number of more than 64 bits");
    if (error != std::errc() || stopped != end) return fail(errc::malformed, "not a number: " + printable(line));
    return true;
}

}  // namespace streamhost::pickle
