#include "picture_reader.hpp"

#include "datagram_picture.hpp"
#include "rtp_reader.hpp"

namespace streamhost::video {
namespace {

/// The wire `base64-jpeg`: a picture is a datagram.
class datagram_reader final : public picture_reader {
public:
    explicit datagram_reader(module_context& host)
        : host_(host), count_bad_(host.metric("datagrams_bad", "datagrams that were no picture, and dropped")) {}

    reading read(std::span<const std::byte> datagram, const net_address& from) override {
        auto image = picture_in(datagram);
        if (image) return {true, picture{std::move(*image), std::nullopt}};
        count_bad_.add();
        host_.log().warn("a datagram of {} bytes from {} is no picture: {}", datagram.size(), from.to_string(),
                         image.error().message());
        return {};
    }

private:
    module_context& host_;
    counter& count_bad_;
};

}  // namespace

std::unique_ptr<picture_reader> make_picture_reader(module_context& host, udp_wire wire) {
    if (wire == udp_wire::rtp) return std::make_unique<rtp_reader>(host);
    return std::make_unique<datagram_reader>(host);
}

}  // namespace streamhost::video
