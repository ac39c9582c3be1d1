#include "received_sound.hpp"

#include <utility>

namespace streamhost::audio {

std::string refuse_type(framed::message_type type) {
    if (type == framed::message_type::audio_block || type == framed::message_type::any) return {};
    return "what it serves is no sound";
}

received_sound read_sound(const pickle::value& value, const sound_format& format) {
    const auto* const samples = std::get_if<shared_bytes>(&value);
    if (samples == nullptr) return {.end = "it sends something else than sound"};
    // How the tutorials' server says that its file has ended: for ever, and as fast as it can.
    if (samples->empty()) return {.end = "the stream has ended"};
    const auto whole = samples->size() / format.frame_bytes() * format.frame_bytes();
    received_sound read{.cut = whole < samples->size()};
    if (whole > 0) read.block = audio_block{format.rate, format.channels, format.samples, samples->slice(0, whole)};
    return read;
}

received_sound read_sound(const framed::message& message) {
    auto content = framed::decode_payload(message);
    if (!content) {
        // A type of a later version is none of ours; broken bytes are the end.
        const bool unknown = content.error() == errc::unsupported;
        return {.end = unknown ? std::string() : content.error().message()};
    }
    auto* const block = std::get_if<audio_block>(&*content);
    if (block == nullptr) return {.end = refuse_type(message.head.type)};
    if (block->samples.empty()) return {};
    return {.block = std::move(*block)};
}

}  // namespace streamhost::audio
