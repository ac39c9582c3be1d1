#pragma once

#include "picture_reader.hpp"
#include "rtp/receiver.hpp"

#include <optional>
#include <string>

namespace streamhost::video {

/// Pictures from RTP packets, of streamhost and of others. What a sender does wrong is said once until it does something
/// else wrong; what is lost on the way is said now and then.
class rtp_reader final : public picture_reader {
public:
    explicit rtp_reader(module_context& host);

    reading read(std::span<const std::byte> datagram, const net_address& from) override;
    void begin() override;

private:
    void show_counts();
    void tell_loss(std::uint64_t lost, std::uint64_t came);
    bool circles(const message_header& header);

    module_context& host_;
    rtp::receiver receiver_;
    std::string said_;
    std::uint64_t told_lost_ = 0;
    std::uint64_t told_came_ = 0;
    std::optional<steady_time> told_at_;
    counter& count_packets_;
    counter& count_lost_;
    counter& count_late_;
    counter& count_repeated_;
    counter& count_incomplete_;
    counter& count_bad_;
};

}  // namespace streamhost::video
