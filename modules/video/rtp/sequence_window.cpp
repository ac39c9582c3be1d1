#include "rtp/sequence_window.hpp"

namespace streamhost::video::rtp {

void sequence_window::begin(std::uint16_t sequence) noexcept {
    begun_ = true;
    expected_stray_ = -1;
    // Above what the old numbers were, so that whoever keeps them sees the new ones as newer.
    const std::int64_t base = (newest_ / 65536 + 2) * 65536;
    first_ = newest_ = base + sequence;
    here_.set();
}

void sequence_window::advance() noexcept {
    ++newest_;
    if (!here_.test(slot(newest_))) ++lost_;
    here_.reset(slot(newest_));
}

void sequence_window::finish() noexcept {
    if (begun_) lost_ += here_.size() - here_.count();
    here_.set();
    begun_ = false;
}

sequence_window::place sequence_window::take(std::uint16_t sequence) noexcept {
    if (!begun_) {
        begin(sequence);
        return {kind::next, newest_};
    }
    const int ahead = static_cast<std::int16_t>(static_cast<std::uint16_t>(sequence - static_cast<std::uint16_t>(newest_)));
    if (ahead > longest_loss || ahead <= -width) {
        if (sequence != expected_stray_) {
            expected_stray_ = static_cast<std::uint16_t>(sequence + 1);
            return {kind::stray, 0};
        }
        finish();
        begin(sequence);
        return {kind::restarted, newest_};
    }
    expected_stray_ = -1;
    if (ahead > 0) {
        for (int i = 0; i < ahead; ++i) advance();
        here_.set(slot(newest_));
        return {kind::next, newest_};
    }
    const auto number = newest_ + ahead;
    if (number < first_) {
        for (auto between = number + 1; between < first_; ++between) here_.reset(slot(between));
        first_ = number;
        return {kind::late, number};
    }
    if (here_.test(slot(number))) return {kind::repeated, 0};
    here_.set(slot(number));
    return {kind::late, number};
}

}  // namespace streamhost::video::rtp
