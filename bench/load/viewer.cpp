#include "viewer.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace bench {
namespace {

/// The end of a message, and the header and the stamp of the next one.
constexpr std::size_t copied_at_once = 512;

}  // namespace

viewer::viewer(std::size_t place, std::unique_ptr<framing> how, std::uint16_t port, int receive_buffer)
    : place_(place), framing_(std::move(how)), began_ns_(now_ns()), socket_(begin_connect(port, receive_buffer)) {}

void viewer::greet() {
    greeted_ = true;
    say(framing_->greeting());
}

void viewer::say(std::string_view words) {
    if (!words.empty() && !send_all(socket_, words)) leave();  // so few bytes always fit
}

std::size_t viewer::read(std::size_t budget, observer& told) {
    std::array<char, copied_at_once> copied;
    std::size_t sum = 0;
    while (sum < budget && !gone()) {
        // Servers that gather small messages (Nagle) wait for acknowledgements while the session opens.
        if (framing_->opening()) set_option(socket_, IPPROTO_TCP, TCP_QUICKACK, 1);
        const auto discard = discardable();
        const auto asked = std::min(discard > 0 ? discard : copied.size(), budget - sum);
        const auto count = ::recv(socket_.get(), copied.data(), asked, MSG_DONTWAIT | (discard > 0 ? MSG_TRUNC : 0));
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) break;
        if (count <= 0) {
            leave();
            break;
        }
        const auto got = static_cast<std::size_t>(count);
        sum += got;
        if (discard > 0) {
            discarded(got);
        } else {
            consume({copied.data(), got}, told);
        }
        if (got < asked) break;  // nothing is left
    }
    return sum;
}

std::size_t viewer::discardable() const {
    if (head_filled_ < head_.size() || message_left_ <= tail_size) return 0;
    return std::min(run_left_, message_left_ - tail_size);
}

void viewer::discarded(std::size_t count) {
    run_left_ -= count;
    message_left_ -= count;
}

void viewer::consume(std::string_view bytes, observer& told) {
    while (!bytes.empty()) {
        if (run_left_ > 0) {
            bytes.remove_prefix(consume_content(bytes, told));
            continue;
        }
        header_.push_back(bytes.front());
        bytes.remove_prefix(1);
        const auto next = framing_->read_header(header_);
        say(framing_->take_reply());
        if (next.bytes == 0) continue;
        run_left_ = next.bytes;
        message_left_ = next.message;
        if (next.begins) head_filled_ = 0;
    }
}

std::size_t viewer::consume_content(std::string_view bytes, observer& told) {
    bytes = bytes.substr(0, run_left_);
    const auto stored = std::min(bytes.size(), head_.size() - head_filled_);
    std::copy_n(bytes.begin(), stored, head_.begin() + static_cast<std::ptrdiff_t>(head_filled_));
    head_filled_ += stored;
    for (auto i = message_left_ - std::min(message_left_, tail_size); i < bytes.size(); ++i) {
        tail_ = {tail_[1], bytes[i]};
    }
    discarded(bytes.size());
    if (message_left_ > 0) return bytes.size();
    const std::string_view head(head_.data(), head_filled_);
    if (framing_->end_message(head)) {
        if (const auto made = find_stamp(head)) told.take_frame(*this, *made, {tail_.data(), tail_.size()});
    }
    say(framing_->take_reply());
    return bytes.size();
}

}  // namespace bench
