#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The frames that the programs for load send to each other.
namespace bench {

/// The steady clock, which all processes of a machine share: nanoseconds.
std::int64_t now_ns();

/// When a frame was made, and the how manieth it is. Lies in the frame's content as text, so that no server and no wire in
/// between takes it away: "TSNS=", 19 digits, "#", 10 digits.
struct stamp {
    std::int64_t made_ns = 0;
    std::uint64_t number = 0;
};

inline constexpr std::size_t stamp_size = 35;

/// The first one in `bytes`.
std::optional<stamp> find_stamp(std::string_view bytes);

/// A frame's content, made once and stamped again for each time that it is sent.
class stamped_content {
public:
    /// A JPEG of 8x8 gray pixels, which comments bring to `size` bytes (a few hundred at least).
    static stamped_content jpeg(std::size_t size);
    /// The pixels of a gray picture in three channels: `width * height * 3` bytes.
    static stamped_content picture(std::size_t width, std::size_t height);

    void set(stamp value);
    const std::string& bytes() const noexcept { return bytes_; }

private:
    stamped_content(std::string bytes, std::size_t place) : bytes_(std::move(bytes)), place_(place) {}

    std::string bytes_;
    std::size_t place_;
};

}  // namespace bench
