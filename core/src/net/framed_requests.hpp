#pragma once

#include <streamhost/fan_out.hpp>
#include <streamhost/framed_peer.hpp>

#include <cstdint>
#include <vector>

namespace streamhost {

/// What the viewer of one `framed` stream may say: pings, and that it goes.
class framed_requests final : public viewer_ear {
public:
    explicit framed_requests(module_context& host) : host_(host), peer_(host) {}

    std::optional<objection> hear(viewer& from, std::span<const std::byte> said) override;
    bool is_waiting_for_more() const override { return !begun_.empty(); }

private:
    std::optional<objection> take(viewer& from, const shared_bytes& body);

    module_context& host_;  // only for what any lane may use
    framed_peer peer_;
    std::vector<std::byte> begun_;  ///< a message of which a part has come
    std::int64_t second_began_ns_ = 0;
    int requests_ = 0;
};

/// Tells a peer in its last message why it is cut.
wire_message framed_failure(const message_origin& origin, std::string why);

}  // namespace streamhost
