#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// As much of RTMP (Adobe, 2012) as it takes to publish or play one stream over loopback.
namespace bench::rtmp {

inline constexpr std::size_t handshake_size = 1536;                        ///< of C1, S1, C2 and S2
inline constexpr std::size_t server_handshake_size = 1 + 2 * handshake_size;  ///< S0, S1 and S2
inline constexpr std::uint32_t own_chunk_size = 1 << 20;

enum message_type : std::uint8_t { set_chunk_size = 1, video = 9, command = 20 };

/// "app/stream"
struct stream_path {
    explicit stream_path(std::string_view text);
    std::string app;
    std::string stream;
};

/// A message in chunks of `chunk_size`, with its whole header on the first one.
std::string message(int chunk_stream, message_type type, std::uint32_t time_ms, std::uint32_t message_stream,
                    std::string_view body, std::size_t chunk_size = own_chunk_size);

/// C0 and C1.
std::string hello();
/// C2, `connect` and `createStream`, in answer to S0, S1 and S2.
std::string connect(std::string_view server_handshake, const stream_path& path);
/// Once both have been answered with `_result`.
std::string play(const stream_path& path);
std::string publish(const stream_path& path);

/// The description that players want before the first frame: H.264, baseline, 640x480.
std::string video_header();
/// Any bytes, in the place of a picture that needs no other one before it, as is every JPEG.
std::string video_message(std::string_view content, std::uint32_t time_ms);

std::uint32_t big_endian(std::string_view bytes);

}  // namespace bench::rtmp
