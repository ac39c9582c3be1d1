#include "received_content.hpp"

#include <streamhost/wire/framed.hpp>

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

namespace streamhost::process {
namespace {

namespace json = boost::json;
using content_result = boost::system::result<envelope, complaint>;

complaint missing(const message_type& type, std::string_view what) {
    return {fmt::format("a message of type {} needs {}", type.name, what)};
}

/// A whole number from 1 to `most`.
std::optional<int> number_of(const json::object& line, std::string_view key, int most) {
    const auto* const value = line.if_contains(key);
    if (value == nullptr) return std::nullopt;
    error_code failure;
    const auto number = value->to_number<std::int64_t>(failure);
    if (failure || number < 1 || number > most) return std::nullopt;
    return static_cast<int>(number);
}

std::string_view text_of(const json::object& line, std::string_view key) {
    const auto* const value = line.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

content_result read_text(const json::object& line) {
    const auto* const value = line.if_contains("value");
    if (value == nullptr || !value->is_string()) return missing(type_of<text>(), "a text as its \"value\"");
    text said;
    said.line = value->get_string();
    said.sender = text_of(line, "sender");
    said.recipient = text_of(line, "recipient");
    return make_envelope(std::move(said));
}

content_result read_record(const json::object& line) {
    const auto* const value = line.if_contains("value");
    if (value == nullptr) return missing(type_of<record>(), "a \"value\"");
    return make_envelope(record{*value});
}

content_result read_encoded_image(const json::object& line, shared_bytes payload) {
    const auto width = number_of(line, "width", framed::max_image_side);
    const auto height = number_of(line, "height", framed::max_image_side);
    const bool known = text_of(line, "format") == "jpeg";
    if (!known || !width || !height || payload.empty()) {
        return missing(type_of<encoded_image>(), fmt::format("\"format\": \"jpeg\", \"width\" and \"height\" from 1 to {}, "
                                                             "and the picture's \"bytes\"",
                                                             framed::max_image_side));
    }
    return make_envelope(encoded_image{*width, *height, image_codec::jpeg, std::move(payload)});
}

content_result read_video_frame(const json::object& line, shared_bytes payload) {
    const auto width = number_of(line, "width", framed::max_side);
    const auto height = number_of(line, "height", framed::max_side);
    const auto format = text_of(line, "format");
    const bool known = format == "bgr8" || format == "gray8";
    if (!known || !width || !height) {
        return missing(type_of<video_frame>(), fmt::format("\"format\" (\"bgr8\" or \"gray8\"), \"width\" and \"height\" from "
                                                           "1 to {}",
                                                           framed::max_side));
    }
    video_frame frame{*width, *height, format == "gray8" ? pixel_format::gray8 : pixel_format::bgr8, std::move(payload)};
    const auto expected = frame.row_bytes() * static_cast<std::size_t>(frame.height);
    if (frame.pixels.size() != expected) {
        return complaint{fmt::format("a picture of {}x{} has {} bytes instead of {}", frame.width, frame.height,
                                     frame.pixels.size(), expected)};
    }
    return make_envelope(std::move(frame));
}

content_result read_audio_block(const json::object& line, shared_bytes payload) {
    const auto rate = number_of(line, "rate", framed::max_rate);
    const auto channels = number_of(line, "channels", framed::max_channels);
    const auto format = text_of(line, "format");
    const bool known = format == "s16" || format == "f32";
    if (!known || !rate || !channels) {
        return missing(type_of<audio_block>(), fmt::format("\"format\" (\"s16\" or \"f32\"), \"rate\" from 1 to {} and "
                                                           "\"channels\" from 1 to {}",
                                                           framed::max_rate, framed::max_channels));
    }
    audio_block block{*rate, *channels, format == "f32" ? sample_format::f32 : sample_format::s16, std::move(payload)};
    if (block.samples.size() % block.frame_bytes() != 0) {
        return complaint{fmt::format("{} bytes of sound are no whole frames of {}", block.samples.size(), block.frame_bytes())};
    }
    return make_envelope(std::move(block));
}

}  // namespace

content_result content_of_value(const message_type& type, json::value value) {
    if (type == type_of<record>()) return make_envelope(record{std::move(value)});
    if (!value.is_string()) return complaint{"a message of type text is one text: \"like this\""};
    return make_envelope(text{.line = std::string(value.get_string())});
}

content_result content_of_line(const message_type& type, const json::object& line, shared_bytes payload) {
    if (type == type_of<bytes>()) return make_envelope(bytes{std::move(payload)});
    if (type == type_of<encoded_image>()) return read_encoded_image(line, std::move(payload));
    if (type == type_of<video_frame>()) return read_video_frame(line, std::move(payload));
    if (type == type_of<audio_block>()) return read_audio_block(line, std::move(payload));
    if (!payload.empty()) return complaint{fmt::format("a message of type {} has no bytes behind its line", type.name)};
    return type == type_of<text>() ? read_text(line) : read_record(line);
}

}  // namespace streamhost::process
