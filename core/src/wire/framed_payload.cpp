#include "wire/framed_layout.hpp"

#include <streamhost/assert.hpp>
#include <streamhost/wire/utf8.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>
#include <vector>

// One pair of functions for each type: `write` fills the format and says what follows the header, `read_...` checks.
namespace streamhost::framed {
namespace {

using format_bytes = std::array<std::byte, 16>;

template <class Integer>
Integer field(const format_bytes& format, std::size_t offset) noexcept {
    return wire::load<Integer>(format.data() + offset);
}

template <class Integer>
void set(header& head, std::size_t offset, Integer value) noexcept {
    wire::store(head.format.data() + offset, value);
}

/// Everything after the header: a few bytes of the writer's own, then the caller's buffer.
struct content {
    std::vector<std::byte> before;
    shared_bytes body;
};

content text_content(std::string text) { return {{}, shared_bytes::adopt(std::move(text))}; }

content stamps_content(std::initializer_list<std::int64_t> stamps) {
    std::vector<std::byte> all(stamps.size() * sizeof(std::int64_t));
    auto* at = all.data();
    for (const auto stamp : stamps) {
        wire::store(at, stamp);
        at += sizeof(stamp);
    }
    return {std::move(all), {}};
}

bool is_within(std::uint32_t number, int most) noexcept {
    return number >= 1 && number <= static_cast<std::uint32_t>(most);
}

template <class... Known>
bool is_one_of(std::uint32_t number, Known... known) noexcept {
    return ((number == static_cast<std::uint32_t>(known)) || ...);
}

error_code check_sides(std::uint32_t width, std::uint32_t height, int most) noexcept {
    if (width == 0 || height == 0) return errc::malformed;
    if (!is_within(width, most) || !is_within(height, most)) return errc::too_large;
    return {};
}

std::size_t user_data_offset(std::size_t name_size) noexcept { return (name_size + 7) / 8 * 8; }

content write(header& head, const video_frame& frame) {
    STREAMHOST_ASSERT(frame.pixels.size() == frame.row_bytes() * static_cast<std::size_t>(frame.height));
    head.type = message_type::video_frame;
    set(head, 0, static_cast<std::uint32_t>(frame.width));
    set(head, 4, static_cast<std::uint32_t>(frame.height));
    set(head, 8, static_cast<std::uint32_t>(frame.format));
    return {{}, frame.pixels};
}

content write(header& head, const encoded_image& image) {
    head.type = message_type::encoded_image;
    set(head, 0, static_cast<std::uint32_t>(image.width));
    set(head, 4, static_cast<std::uint32_t>(image.height));
    set(head, 8, static_cast<std::uint32_t>(image.codec));
    return {{}, image.data};
}

content write(header& head, const audio_block& block) {
    head.type = message_type::audio_block;
    set(head, 0, static_cast<std::uint32_t>(block.rate));
    set(head, 4, static_cast<std::uint32_t>(block.channels));
    set(head, 8, static_cast<std::uint32_t>(block.format));
    return {{}, block.samples};
}

content write(header& head, const text& said) {
    head.type = message_type::text;
    set(head, 0, static_cast<std::uint32_t>(said.line.size()));
    set(head, 4, static_cast<std::uint32_t>(said.sender.size()));
    set(head, 8, static_cast<std::uint32_t>(said.recipient.size()));
    return text_content(said.line + said.sender + said.recipient);
}

content write(header& head, const record& reading) {
    head.type = message_type::record;
    return text_content(boost::json::serialize(reading.value));
}

content write(header& head, const bytes& raw) {
    head.type = message_type::bytes;
    return {{}, raw.data};
}

content write(header& head, const user_value& value) {
    STREAMHOST_ASSERT(is_name(value.name));
    head.type = message_type::user;
    set(head, 0, value.version);
    set(head, 4, static_cast<std::uint32_t>(value.name.size()));
    std::vector<std::byte> name(user_data_offset(value.name.size()));
    std::ranges::copy(std::as_bytes(std::span(value.name)), name.begin());
    return {std::move(name), value.data};
}

content write(header& head, const ping& asked) {
    head.type = message_type::ping;
    return stamps_content({asked.sent_ns});
}

content write(header& head, const pong& answered) {
    head.type = message_type::pong;
    return stamps_content({answered.ping_sent_ns, answered.ping_received_ns, answered.sent_ns});
}

content write(header& head, const end_of_stream& last) {
    head.type = message_type::end_of_stream;
    return text_content(last.text);
}

content write(header& head, const failure& last) {
    head.type = message_type::failure;
    return text_content(last.text);
}

content write(header& head, const announce& stream) {
    STREAMHOST_ASSERT(is_name(stream.name));
    STREAMHOST_ASSERT(is_name(stream.user_type) == (stream.type == message_type::user));
    head.type = message_type::announce;
    set(head, 0, static_cast<std::uint32_t>(stream.type));
    set(head, 4, stream.user_version);
    set(head, 8, static_cast<std::uint32_t>(stream.name.size()));
    set(head, 12, static_cast<std::uint32_t>(stream.user_type.size()));
    return text_content(stream.name + stream.user_type);
}

result<payload> read_video_frame(const message& received) {
    const auto& format = received.head.format;
    const auto width = field<std::uint32_t>(format, 0);
    const auto height = field<std::uint32_t>(format, 4);
    const auto pixels = field<std::uint32_t>(format, 8);
    if (auto error = check_sides(width, height, max_side)) return error;
    if (!is_one_of(pixels, pixel_format::bgr8, pixel_format::gray8)) return errc::unsupported;
    video_frame frame{static_cast<int>(width), static_cast<int>(height), static_cast<pixel_format>(pixels),
                      received.payload};
    if (frame.pixels.size() != frame.row_bytes() * height) return errc::malformed;
    return payload(std::move(frame));
}

result<payload> read_encoded_image(const message& received) {
    const auto& format = received.head.format;
    const auto width = field<std::uint32_t>(format, 0);
    const auto height = field<std::uint32_t>(format, 4);
    if (auto error = check_sides(width, height, max_image_side)) return error;
    if (!is_one_of(field<std::uint32_t>(format, 8), image_codec::jpeg)) return errc::unsupported;
    if (received.payload.empty()) return errc::malformed;
    return payload(
        encoded_image{static_cast<int>(width), static_cast<int>(height), image_codec::jpeg, received.payload});
}

result<payload> read_audio_block(const message& received) {
    const auto& format = received.head.format;
    const auto rate = field<std::uint32_t>(format, 0);
    const auto channels = field<std::uint32_t>(format, 4);
    const auto samples = field<std::uint32_t>(format, 8);
    if (rate == 0 || channels == 0) return errc::malformed;
    if (!is_within(rate, max_rate) || !is_within(channels, max_channels)) return errc::too_large;
    if (!is_one_of(samples, sample_format::s16, sample_format::f32)) return errc::unsupported;
    audio_block block{static_cast<int>(rate), static_cast<int>(channels), static_cast<sample_format>(samples),
                      received.payload};
    if (block.samples.size() % block.frame_bytes() != 0) return errc::malformed;
    return payload(std::move(block));
}

result<payload> read_text(const message& received) {
    const auto line = field<std::uint32_t>(received.head.format, 0);
    const auto sender = field<std::uint32_t>(received.head.format, 4);
    const auto recipient = field<std::uint32_t>(received.head.format, 8);
    const auto all = received.payload.as_text();
    if (std::uint64_t{line} + sender + recipient != all.size()) return errc::malformed;
    text said{.line = std::string(all.substr(0, line)),
              .sender = std::string(all.substr(line, sender)),
              .recipient = std::string(all.substr(all.size() - recipient))};
    for (const auto* each : {&said.line, &said.sender, &said.recipient}) {
        if (!utf8::is_valid(*each)) return errc::malformed;
    }
    return payload(std::move(said));
}

result<payload> read_record(const message& received) {
    boost::json::parse_options options;
    options.max_depth = max_record_depth;
    error_code error;
    const auto json = received.payload.as_text();
    auto value = boost::json::parse(boost::json::string_view(json.data(), json.size()), error, {}, options);
    if (error == boost::json::error::too_deep) return errc::too_large;
    if (error) return errc::malformed;
    return payload(record{std::move(value)});
}

result<payload> read_user_value(const message& received) {
    const auto name_size = field<std::uint32_t>(received.head.format, 4);
    if (name_size > max_name || user_data_offset(name_size) > received.payload.size()) return errc::malformed;
    const auto name = received.payload.as_text().substr(0, name_size);
    if (!is_name(name)) return errc::malformed;
    const auto data = user_data_offset(name_size);
    return payload(user_value{std::string(name), field<std::uint32_t>(received.head.format, 0),
                              received.payload.slice(data, received.payload.size() - data)});
}

result<payload> read_ping(const message& received) {
    if (received.payload.size() != 8) return errc::malformed;
    return payload(ping{wire::load<std::int64_t>(received.payload.data())});
}

result<payload> read_pong(const message& received) {
    if (received.payload.size() != 24) return errc::malformed;
    const auto* at = received.payload.data();
    return payload(pong{wire::load<std::int64_t>(at), wire::load<std::int64_t>(at + 8),
                        wire::load<std::int64_t>(at + 16)});
}

template <class Last>
result<payload> read_last(const message& received) {
    const auto why = received.payload.as_text();
    if (!utf8::is_valid(why)) return errc::malformed;
    return payload(Last{std::string(why)});
}

result<payload> read_announce(const message& received) {
    const auto& format = received.head.format;
    const auto type = field<std::uint32_t>(format, 0);
    const auto name_size = field<std::uint32_t>(format, 8);
    const auto user_size = field<std::uint32_t>(format, 12);
    const auto all = received.payload.as_text();
    if (std::uint64_t{name_size} + user_size != all.size()) return errc::malformed;
    if (type == 0 || type > 0xFFFF) return errc::malformed;
    announce stream;
    stream.name = all.substr(0, name_size);
    stream.type = static_cast<message_type>(type);
    stream.user_type = all.substr(name_size);
    stream.user_version = field<std::uint32_t>(format, 4);
    const bool user = stream.type == message_type::user;
    if (!is_name(stream.name) || (user ? !is_name(stream.user_type) : user_size != 0)) return errc::malformed;
    return payload(std::move(stream));
}

}  // namespace

pieces encode(const header& head, const payload& content_of) {
    auto filled = head;
    filled.format = {};
    auto after = std::visit([&](const auto& value) { return write(filled, value); }, content_of);
    return {encode_prefix(filled, after.before, after.body.size()), std::move(after.body)};
}

result<payload> decode_payload(const message& received) {
    switch (received.head.type) {
        case message_type::video_frame: return read_video_frame(received);
        case message_type::encoded_image: return read_encoded_image(received);
        case message_type::audio_block: return read_audio_block(received);
        case message_type::text: return read_text(received);
        case message_type::record: return read_record(received);
        case message_type::bytes: return payload(bytes{received.payload});
        case message_type::user: return read_user_value(received);
        case message_type::ping: return read_ping(received);
        case message_type::pong: return read_pong(received);
        case message_type::end_of_stream: return read_last<end_of_stream>(received);
        case message_type::failure: return read_last<failure>(received);
        case message_type::announce: return read_announce(received);
        case message_type::any: break;
    }
    return errc::unsupported;
}

}  // namespace streamhost::framed
