#include "wire/pickle_cursor.hpp"

#include <algorithm>

namespace streamhost::pickle {

std::string printable(std::string_view foreign) {
    constexpr std::size_t longest = 64;
    std::string shown(foreign.substr(0, longest));
    std::ranges::replace_if(shown, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    if (foreign.size() > longest) shown += "...";
    return shown;
}

bool cursor::next_opcode(std::uint8_t& opcode) {
    // CPython ends a frame where an opcode ends; one that ends elsewhere lies about its length.
    if (in_frame_ && position_ == limit_) {
        in_frame_ = false;
        limit_ = payload_.size();
    }
    opcode_at_ = position_;
    return take(opcode);
}

bool cursor::take(std::size_t count, const std::byte*& bytes) {
    if (count > limit_ - position_)
        return fail(errc::malformed, in_frame_ ? "the frame is too short" : "the pickle is too short");
    bytes = payload_.data() + position_;
    position_ += count;
    return true;
}

bool cursor::take_line(std::string_view& line, std::size_t longest) {
    const auto rest = payload_.as_text().substr(position_, limit_ - position_);
    const auto end = rest.substr(0, std::min(longest, rest.size()) + 1).find('\n');
    if (end == std::string_view::npos) return fail(errc::malformed, "a line without its end");
    line = rest.substr(0, end);
    position_ += end + 1;
    return true;
}

bool cursor::enter_frame(std::uint64_t length) {
    if (in_frame_) return fail(errc::malformed, "a frame within a frame");
    if (length == 0 || length > limit_ - position_) return fail(errc::malformed, "a frame of a wrong length");
    in_frame_ = true;
    limit_ = position_ + static_cast<std::size_t>(length);
    return true;
}

bool cursor::fail(error_code reason, std::string text) {
    if (!why_.reason) why_ = {reason, opcode_at_, std::move(text)};
    return false;
}

}  // namespace streamhost::pickle
