#pragma once

#include <streamhost/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

/// What the family's UDP modules share.
namespace streamhost::video {

enum class udp_wire { base64_jpeg, rtp };

/// How long a picture may wait for room in the kernel's buffer before it is dropped: less than two pictures are apart.
inline constexpr auto longest_wait_for_room = std::chrono::milliseconds(20);

/// After so long without a picture there is no video.
inline constexpr auto picture_silence = std::chrono::seconds(2);

/// Room for any datagram.
class datagram_room {
public:
    std::span<std::byte> span() noexcept { return {bytes_.get(), size}; }
    std::span<const std::byte> first(std::size_t count) const noexcept { return {bytes_.get(), count}; }

private:
    static constexpr std::size_t size = 65'536;
    std::unique_ptr<std::byte[]> bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
};

}  // namespace streamhost::video
