#pragma once

#include "rtp/payload_header.hpp"
#include "rtp/sequence_window.hpp"
#include "rtp/stamps.hpp"

#include <streamhost/media.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace streamhost::video::rtp {

/// Makes pictures of one sender's packets, whole ones or none, in their order: a picture is there with its last missing
/// packet, and those before it that are not whole by then are given up. Packets may come in any order within the window
/// of `sequence_window` and of `most_pictures` pictures. A sender that begins anew (another SSRC, or a leap of its sequence
/// numbers) is followed at once. What it keeps is bounded by `most_pictures * longest_scan`, and grows with what comes only.
///
/// Knows no clock and no socket. Confined to one thread.
class receiver {
public:
    static constexpr std::size_t most_pictures = 4;   ///< in work
    static constexpr std::size_t most_packets = 4096; ///< of one picture

    struct picture {
        encoded_image image;
        std::optional<message_header> header;  ///< streamhost's own stamps, without `local_ns`; of others none
    };
    struct outcome {
        std::optional<picture> whole;
        bool accepted = false;       ///< a packet of a stream of pictures; else the datagram was of no use
        std::string_view problem{};  ///< of a datagram or a picture that is refused, in words: "it is cut"
    };
    outcome take(std::span<const std::byte> datagram);

    /// The sender has gone: what is missing is lost, and the next packet begins a stream.
    void finish();

    struct counts {
        std::uint64_t packets = 0;     ///< accepted
        std::uint64_t lost = 0;        ///< packets that never came
        std::uint64_t late = 0;        ///< packets that came behind later ones
        std::uint64_t repeated = 0;    ///< packets that came twice
        std::uint64_t incomplete = 0;  ///< pictures of which some packets came, but not all in time
        std::uint64_t bad = 0;         ///< datagrams and pictures that were refused
    };
    counts seen() const noexcept;

private:
    struct fragment {
        std::int64_t number;
        std::uint32_t offset;  ///< in the picture
        std::size_t at;        ///< in `data`
        std::size_t size;
    };
    struct partial {
        std::uint32_t timestamp = 0;
        payload_header header;
        std::vector<std::byte> tables;  ///< of the first packet
        std::optional<stamps> stamped;
        std::int64_t first = -1;        ///< number of the first packet, -1: has not come
        std::int64_t last = -1;
        std::int64_t newest = -1;       ///< number of the latest one that came
        std::vector<fragment> fragments;
        std::vector<std::byte> data;
    };
    using partials = std::deque<partial>;

    outcome refuse(std::string_view problem);
    void follow(std::uint32_t ssrc);
    std::string_view store(const packet& from, const payload& content, std::int64_t number);
    std::string_view store_beginning(partial& into, const packet& from, const payload_header& header);
    partial& find(std::uint32_t timestamp, const payload_header& header);
    void give_up(partials::iterator which);
    bool is_whole(const partial& one) const noexcept;
    outcome finish_picture(std::uint32_t timestamp);
    outcome assemble(partial& whole);

    std::optional<std::uint32_t> ssrc_;
    std::optional<std::uint32_t> former_ssrc_;
    sequence_window window_;
    partials partials_;
    std::int64_t done_ = -1;  ///< packets up to this number belong to pictures that are over
    std::array<std::vector<std::byte>, 127> kept_tables_;  ///< of `Q` 128 to 254
    counts counts_;
};

}  // namespace streamhost::video::rtp
