#include "payload_kinds.hpp"

#include <algorithm>
#include <array>

namespace {

constexpr std::string_view picture_maker = R"(    /// A gray picture, as bright as the value.
    static sh::video_frame picture(double value) {
        constexpr int width = 64, height = 48;
        const auto brightness = static_cast<unsigned char>(std::clamp(value, 0.0, 255.0));
        std::vector<std::byte> pixels(width * height, std::byte(brightness));
        return {width, height, sh::pixel_format::gray8, sh::shared_bytes::adopt(std::move(pixels))};
    }

)";

constexpr std::string_view sound_maker = R"(    /// A tenth of a second of a square wave of 200 Hz, as loud as the value.
    static sh::audio_block sound(double value) {
        constexpr int rate = 8000, half_wave = 20;
        const auto level = static_cast<std::int16_t>(std::clamp(value, 0.0, 32767.0));
        std::vector<std::int16_t> samples(rate / 10, level);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (i / half_wave % 2 == 1) samples[i] = static_cast<std::int16_t>(-level);
        }
        return {rate, 1, sh::sample_format::s16, sh::shared_bytes::adopt(std::move(samples))};
    }

)";

constexpr std::string_view size_of_it = R"("got {} bytes", sh::payload_bytes(*taken))";

constexpr std::array kinds{
    payload_kind{.name = "record",
                 .port = "readings",
                 .plural = "readings",
                 .make = R"(sh::record made{boost::json::object{{"value", VALUE}}};)",
                 .make_include = "",
                 .maker = "",
                 .show = R"("got {}", boost::json::serialize(taken->value))",
                 .show_include = "<boost/json/serialize.hpp>",
                 .feed = R"("sample": { "type": "stream.sample", "send": "record", "period": "500ms" })",
                 .feed_link = "sample",
                 .fed_by = "sample.messages"},
    payload_kind{.name = "text",
                 .port = "lines",
                 .plural = "lines of text",
                 .make = R"(sh::text made{fmt::format("{:.2f}", VALUE)};)",
                 .make_include = "<fmt/format.h>",
                 .maker = "",
                 .show = R"("got {}", taken->line)",
                 .show_include = "",
                 .feed = R"("sample": { "type": "stream.sample", "send": "text", "period": "500ms" })",
                 .feed_link = "sample",
                 .fed_by = "sample.messages"},
    payload_kind{.name = "bytes",
                 .port = "bytes",
                 .plural = "bytes",
                 .make = R"(sh::bytes made{sh::shared_bytes::adopt(fmt::format("{:.2f}", VALUE))};)",
                 .make_include = "<fmt/format.h>",
                 .maker = "",
                 .show = size_of_it,
                 .show_include = "",
                 .feed = R"("sample": { "type": "stream.sample", "send": "bytes", "period": "500ms" })",
                 .feed_link = "sample",
                 .fed_by = "sample.messages"},
    payload_kind{.name = "video_frame",
                 .port = "frames",
                 .plural = "pictures",
                 .make = "sh::video_frame made = picture(VALUE);",
                 .make_include = "<algorithm> <cstddef> <vector>",
                 .maker = picture_maker,
                 .show = R"("got a picture of {}x{}", taken->width, taken->height)",
                 .show_include = "",
                 .feed = R"("picture": { "type": "video.test_pattern", "width": 320, "height": 240, "fps": 10 })",
                 .feed_link = "picture",
                 .fed_by = "picture.frames"},
    payload_kind{.name = "encoded_image",
                 .port = "images",
                 .plural = "JPEG pictures",
                 .make = "",
                 .make_include = "",
                 .maker = "",
                 .show = R"("got a JPEG of {}x{}", taken->width, taken->height)",
                 .show_include = "",
                 .feed = R"("picture": { "type": "video.test_pattern", "width": 320, "height": 240, "fps": 10 },
    "jpeg": { "type": "video.encode" })",
                 .feed_link = "picture -> jpeg",
                 .fed_by = "jpeg.images"},
    payload_kind{.name = "audio_block",
                 .port = "audio",
                 .plural = "sound",
                 .make = "sh::audio_block made = sound(VALUE);",
                 .make_include = "<algorithm> <cstdint> <vector>",
                 .maker = sound_maker,
                 .show = R"("got sound, {} bytes at {} Hz", taken->samples.size(), taken->rate)",
                 .show_include = "",
                 .feed = R"("tone": { "type": "audio.tone" })",
                 .feed_link = "tone",
                 .fed_by = "tone.audio"},
};

}  // namespace

std::span<const payload_kind> payload_kinds() { return kinds; }

const payload_kind* find_payload_kind(std::string_view name) {
    const auto found = std::ranges::find(kinds, name, &payload_kind::name);
    return found == kinds.end() ? nullptr : &*found;
}
