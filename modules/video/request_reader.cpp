#include "request_reader.hpp"

#include "rtp/cookie_jar.hpp"

namespace streamhost::video {
namespace {

class datagram_requests final : public request_reader {
public:
    heard read(std::span<const std::byte> datagram, const net_address&) override {
        return {base64_jpeg::read_request(datagram)};
    }
    std::span<const std::byte> refusal() const override { return base64_jpeg::refusal(); }
};

/// Nobody is heard who has not shown that it receives what is sent to its address.
class rtp_requests final : public request_reader {
public:
    explicit rtp_requests(module_context& host) : host_(host) {}

    heard read(std::span<const std::byte> datagram, const net_address& from) override {
        using freshness = rtp::cookie_jar::freshness;
        const auto note = rtp::read_note(datagram);
        if (!note || (note->says != rtp::word::view && note->says != rtp::word::bye)) return {};
        const auto now = host_.clock().now();
        const auto shown = cookies_.check(note->cookie, from, now);
        const bool views = note->says == rtp::word::view;
        heard result;
        if (shown != freshness::wrong) result.asks = views ? base64_jpeg::request::view : base64_jpeg::request::bye;
        if (shown != freshness::good && views)
            result.reply = rtp::write_note({rtp::word::cookie, cookies_.make(from, now)});
        return result;
    }
    std::span<const std::byte> refusal() const override { return refusal_; }

private:
    module_context& host_;
    rtp::cookie_jar cookies_;
    answer refusal_ = rtp::write_note({rtp::word::refused});
};

static_assert(rtp::note_bytes == std::tuple_size_v<request_reader::answer>);

}  // namespace

std::unique_ptr<request_reader> make_request_reader(module_context& host, udp_wire wire) {
    if (wire == udp_wire::rtp) return std::make_unique<rtp_requests>(host);
    return std::make_unique<datagram_requests>();
}

}  // namespace streamhost::video
