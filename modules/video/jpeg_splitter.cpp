#include "jpeg_splitter.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace streamhost::video {
namespace {

namespace marker {
enum : std::uint8_t {
    stuffing = 0x00,  // no marker: 0xFF was a byte of the compressed data
    sof0 = 0xC0,
    rst0 = 0xD0,
    rst7 = 0xD7,
    soi = 0xD8,
    eoi = 0xD9,
    sos = 0xDA,
    com = 0xFE,
    fill = 0xFF,
};
}

constexpr std::byte marker_start{0xFF};

bool is_restart(std::uint8_t code) noexcept { return code >= marker::rst0 && code <= marker::rst7; }

bool has_segment(std::uint8_t code) noexcept {
    return code >= marker::sof0 && code <= marker::com && !is_restart(code) && code != marker::soi && code != marker::eoi;
}

/// How many bytes come before the first 0xFF.
std::size_t before_marker(std::span<const std::byte> bytes) noexcept {
    const auto* found = static_cast<const std::byte*>(std::memchr(bytes.data(), 0xFF, bytes.size()));
    return found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
}

std::uint8_t first_of(std::span<const std::byte> bytes) noexcept { return std::to_integer<std::uint8_t>(bytes.front()); }

}  // namespace

std::optional<shared_bytes> jpeg_splitter::next(std::span<const std::byte>& bytes) {
    while (!bytes.empty()) {
        step(bytes);
        if (std::exchange(complete_, false)) {
            usual_bytes_ = picture_.size();
            state_ = expecting::start;
            return shared_bytes::adopt(std::exchange(picture_, {}));
        }
    }
    return std::nullopt;
}

void jpeg_splitter::finish() {
    if (state_ == expecting::start_code) ++skipped_;
    abandon();
}

void jpeg_splitter::step(std::span<const std::byte>& bytes) {
    switch (state_) {
        case expecting::start: return seek_start(bytes);
        case expecting::start_code: return read_start_code(bytes);
        case expecting::marker:
            if (bytes.front() != marker_start) return abandon();
            if (take(bytes, 1)) state_ = expecting::code;
            return;
        case expecting::code:
        case expecting::scan_code: return read_code(bytes);
        case expecting::length_high:
        case expecting::length_low: return read_length(bytes);
        case expecting::content: return read_content(bytes);
        case expecting::scan: return read_scan(bytes);
    }
}

void jpeg_splitter::seek_start(std::span<const std::byte>& bytes) {
    const auto count = before_marker(bytes);
    skipped_ += count;
    bytes = bytes.subspan(count);
    if (bytes.empty()) return;
    bytes = bytes.subspan(1);
    state_ = expecting::start_code;
}

void jpeg_splitter::read_start_code(std::span<const std::byte>& bytes) {
    const auto code = first_of(bytes);
    bytes = bytes.subspan(1);
    if (code == marker::soi) return begin();
    ++skipped_;
    if (code == marker::fill) return;  // the start marker may still begin with this byte
    ++skipped_;
    state_ = expecting::start;
}

void jpeg_splitter::read_code(std::span<const std::byte>& bytes) {
    const auto code = first_of(bytes);
    if (code == marker::soi) {
        // Nothing in a picture looks like this: the rest of this one is missing, and the next begins.
        skipped_ += picture_.size() - 1;
        bytes = bytes.subspan(1);
        return begin();
    }
    const bool within_scan = state_ == expecting::scan_code && (code == marker::stuffing || is_restart(code));
    if (!within_scan && code != marker::fill && code != marker::eoi && !has_segment(code)) return abandon();
    if (!take(bytes, 1) || code == marker::fill) return;
    complete_ = code == marker::eoi;
    scan_follows_ = code == marker::sos;
    state_ = within_scan ? expecting::scan : expecting::length_high;
}

void jpeg_splitter::read_length(std::span<const std::byte>& bytes) {
    const std::size_t value = first_of(bytes);
    if (!take(bytes, 1)) return;
    if (state_ == expecting::length_high) {
        content_left_ = value << 8;
        state_ = expecting::length_low;
        return;
    }
    content_left_ += value;
    if (content_left_ < 2) return abandon();
    content_left_ -= 2;  // the length counts itself
    state_ = expecting::content;
}

void jpeg_splitter::read_content(std::span<const std::byte>& bytes) {
    const auto count = std::min(content_left_, bytes.size());
    if (!take(bytes, count)) return;
    content_left_ -= count;
    if (content_left_ == 0) state_ = scan_follows_ ? expecting::scan : expecting::marker;
}

void jpeg_splitter::read_scan(std::span<const std::byte>& bytes) {
    const auto count = before_marker(bytes);
    if (!take(bytes, count) || bytes.empty()) return;
    if (take(bytes, 1)) state_ = expecting::scan_code;
}

/// Moves bytes into the picture; false where that makes it too large, and it was abandoned. It then ends at the same byte
/// whatever pieces the bytes came in.
bool jpeg_splitter::take(std::span<const std::byte>& bytes, std::size_t count) {
    const auto fitting = std::min(count, max_picture_bytes - picture_.size());
    picture_.insert(picture_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(fitting));
    bytes = bytes.subspan(fitting);
    if (fitting < count) abandon();
    return fitting == count;
}

void jpeg_splitter::begin() {
    picture_.clear();
    picture_.reserve(std::min(usual_bytes_ + usual_bytes_ / 8 + 2, max_picture_bytes));
    picture_.push_back(marker_start);
    picture_.push_back(std::byte{marker::soi});
    state_ = expecting::marker;
}

void jpeg_splitter::abandon() {
    skipped_ += picture_.size();
    picture_ = {};  // the next one is not to carry this one's room
    state_ = expecting::start;
}

}  // namespace streamhost::video
