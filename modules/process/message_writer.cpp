#include "message_writer.hpp"

#include <streamhost/framed_types.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string_view>
#include <variant>

namespace streamhost::process {
namespace {

namespace json = boost::json;

void tell(json::object& line, const text& said) {
    line["value"] = said.line;
    if (!said.sender.empty()) line["sender"] = said.sender;
    if (!said.recipient.empty()) line["recipient"] = said.recipient;
}

void tell(json::object& line, const record& reading) { line["value"] = reading.value; }

void announce(json::object& line, std::string_view format, const shared_bytes& payload) {
    if (!format.empty()) line["format"] = format;
    line["bytes"] = payload.size();
}

shared_bytes tell_bytes(json::object& line, const encoded_image& image) {
    line["width"] = image.width;
    line["height"] = image.height;
    announce(line, "jpeg", image.data);
    return image.data;
}

shared_bytes tell_bytes(json::object& line, const video_frame& frame) {
    line["width"] = frame.width;
    line["height"] = frame.height;
    announce(line, frame.format == pixel_format::gray8 ? "gray8" : "bgr8", frame.pixels);
    return frame.pixels;
}

shared_bytes tell_bytes(json::object& line, const audio_block& block) {
    line["rate"] = block.rate;
    line["channels"] = block.channels;
    announce(line, block.format == sample_format::f32 ? "f32" : "s16", block.samples);
    return block.samples;
}

shared_bytes tell_bytes(json::object& line, const bytes& raw) {
    announce(line, {}, raw.data);
    return raw.data;
}

/// The value alone, as JSON.
json::value value_of(const envelope& content) {
    if (*content.type == type_of<text>()) return json::value(static_cast<const text*>(content.payload.get())->line);
    return static_cast<const record*>(content.payload.get())->value;
}

}  // namespace

written_message message_writer::write(std::size_t port, const envelope& content) const {
    written_message written;
    if (form_ == message_form::lines && ports_.size() == 1) {
        written.line = json::serialize(value_of(content)) + '\n';
        return written;
    }
    json::object line;
    line["port"] = ports_[port].name;
    if (form_ == message_form::frames) {
        line["sequence"] = content.header.sequence;
        line["time_ns"] = content.header.wall_ns;
    }
    const auto tell_any = [&](const auto& value) {
        if constexpr (requires { tell(line, value); }) {
            tell(line, value);
        } else if constexpr (requires { tell_bytes(line, value); }) {
            written.payload = tell_bytes(line, value);
        }
    };
    std::visit(tell_any, to_framed_payload(content));
    written.line = json::serialize(line) + '\n';
    return written;
}

}  // namespace streamhost::process
