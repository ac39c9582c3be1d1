#pragma once

#include <streamhost/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace streamhost::video {

/// Cuts a stream of bytes into the JPEG pictures in it, which may come in pieces of any size (motion JPEG on a pipe). It
/// walks from marker to marker, so that a thumbnail inside a picture does not end it, and looks at every byte once.
/// Whether a picture can be decoded is for `scan_jpeg` to say. Source of the format: ITU-T T.81, annex B.
///
/// What belongs to no picture is skipped and counted: bytes between pictures, a picture that breaks the format, that is
/// cut short by the start of the next one, or that exceeds `max_picture_bytes`. After those it goes on with the next
/// start marker. Confined to one thread.
class jpeg_splitter {
public:
    static constexpr std::size_t max_picture_bytes = 8 * 1024 * 1024;

    /// Takes bytes off the front of `bytes` until a picture is complete, and returns it, in a buffer of its own; nothing
    /// where all of them were taken.
    std::optional<shared_bytes> next(std::span<const std::byte>& bytes);

    /// No more bytes will come: what has begun is skipped. It can begin anew after that.
    void finish();

    /// All bytes that were taken are in a picture, in the one that has begun, or counted here.
    std::uint64_t skipped_bytes() const noexcept { return skipped_; }

private:
    enum class expecting {
        start,        ///< outside of a picture: 0xFF
        start_code,   ///< the byte after that
        marker,       ///< 0xFF of the next marker
        code,         ///< which marker it is, or more fill bytes
        length_high,  ///< of a segment
        length_low,
        content,      ///< what is left of a segment
        scan,         ///< compressed data
        scan_code,    ///< the byte after 0xFF in compressed data
    };

    void step(std::span<const std::byte>& bytes);
    void seek_start(std::span<const std::byte>& bytes);
    void read_start_code(std::span<const std::byte>& bytes);
    void read_code(std::span<const std::byte>& bytes);
    void read_length(std::span<const std::byte>& bytes);
    void read_content(std::span<const std::byte>& bytes);
    void read_scan(std::span<const std::byte>& bytes);
    bool take(std::span<const std::byte>& bytes, std::size_t count);
    void begin();
    void abandon();

    std::vector<std::byte> picture_;  // what has come of it
    std::size_t usual_bytes_ = 0;     // of a picture: room is made for as many
    std::size_t content_left_ = 0;
    expecting state_ = expecting::start;
    bool complete_ = false;
    bool scan_follows_ = false;       // the segment is the head of a scan
    std::uint64_t skipped_ = 0;
};

}  // namespace streamhost::video
