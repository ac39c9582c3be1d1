#include "request_writer.hpp"

#include "rtp/subscription.hpp"

#include <streamhost/wire/base64_jpeg.hpp>

namespace streamhost::video {
namespace {

class datagram_words final : public request_writer {
public:
    std::span<const std::byte> view() const override { return base64_jpeg::view_request(); }
    std::span<const std::byte> bye() const override { return base64_jpeg::bye_request(); }
    answer read(std::span<const std::byte> datagram) override {
        return base64_jpeg::is_refusal(datagram) ? answer::refused : answer::none;
    }
};

/// Shows the server the cookie that it gave last.
class rtp_words final : public request_writer {
public:
    rtp_words() { use({}); }

    std::span<const std::byte> view() const override { return view_; }
    std::span<const std::byte> bye() const override { return bye_; }
    answer read(std::span<const std::byte> datagram) override {
        const auto note = rtp::read_note(datagram);
        if (!note) return answer::none;
        if (note->says == rtp::word::refused) return answer::refused;
        if (note->says != rtp::word::cookie || note->cookie == cookie_) return answer::known;
        use(note->cookie);
        return answer::ask_again;
    }

private:
    void use(const rtp::cookie& cookie) {
        cookie_ = cookie;
        view_ = rtp::write_note({rtp::word::view, cookie});
        bye_ = rtp::write_note({rtp::word::bye, cookie});
    }

    rtp::cookie cookie_;
    std::array<std::byte, rtp::note_bytes> view_;
    std::array<std::byte, rtp::note_bytes> bye_;
};

}  // namespace

std::unique_ptr<request_writer> make_request_writer(udp_wire wire) {
    if (wire == udp_wire::rtp) return std::make_unique<rtp_words>();
    return std::make_unique<datagram_words>();
}

}  // namespace streamhost::video
