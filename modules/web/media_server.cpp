#include "media_server.hpp"

#include "media_ear.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>
#include <utility>

namespace streamhost::web {
namespace {

constexpr double ns_per_ms = 1e6;

bool same_format(const audio_block& a, const audio_block& b) {
    return a.rate == b.rate && a.channels == b.channels && a.format == b.format;
}

}  // namespace

/// Pictures have the first half of the channels, sound has the second.
std::size_t media_server::channel_of(const live_stream& of, form as) {
    const auto first = of.kind == stream_kind::image ? 0 : 2 * most_streams;
    return first + 2 * of.place + (as == form::websocket ? 1 : 0);
}

media_server::media_server(module_context& host, std::uint16_t first_id)
    : host_(host),
      images_(stream_kind::image, most_streams, first_id),
      sounds_(stream_kind::audio, most_streams, static_cast<std::uint16_t>(first_id + 0x4000)),
      pictures_(most_streams),
      formats_(most_streams),
      viewers_(host, viewer_queues()) {}

fan_out::options media_server::viewer_queues() const {
    fan_out::options options;
    options.queues.assign(2 * most_streams, host_.viewers().queue.over(type_of<encoded_image>().defaults.viewer));
    options.queues.resize(4 * most_streams, host_.viewers().queue.over(type_of<audio_block>().defaults.viewer));
    return options;
}

void media_server::update_images(const std::vector<link_source>& sources) {
    for (const auto place : images_.update(sources)) {
        pictures_[place] = {};
        for (const auto as : {form::http, form::websocket}) {
            viewers_.end_channel(channel_of({.kind = stream_kind::image, .place = place}, as), "its stream has gone");
        }
    }
}

void media_server::update_sounds(const std::vector<link_source>& sources) {
    for (const auto place : sounds_.update(sources)) {
        formats_[place] = {};
        for (const auto as : {form::http, form::websocket}) {
            viewers_.end_channel(channel_of({.kind = stream_kind::audio, .place = place}, as), "its stream has gone");
        }
    }
}

media_times media_server::times_of(const message_header& header) const {
    const auto& time = host_.clock();
    const auto now_ns = time.steady_ns();
    const auto sent = static_cast<double>(time.wall_ns()) / ns_per_ms;
    const auto age_ns = header.age_ns(now_ns);
    if (!age_ns) return {std::numeric_limits<double>::quiet_NaN(), sent};
    return {sent - static_cast<double>(*age_ns) / ns_per_ms, sent};
}

void media_server::publish(const message<encoded_image>& image, const link_source& from) {
    const auto* const to = images_.find(from);
    if (to == nullptr || image->codec != image_codec::jpeg) return;
    pictures_[to->place] = image;
    const auto times = times_of(image.header());
    const media_head head{media_head::kind::jpeg, to->id, 0, image.header().sequence, times};
    viewers_.publish(media_message(head, image->data), image.arrived_ns(), channel_of(*to, form::websocket));
    viewers_.publish(mjpeg_part(*image, times), image.arrived_ns(), channel_of(*to, form::http));
}

void media_server::publish(const message<audio_block>& block, const link_source& from) {
    const auto* const to = sounds_.find(from);
    if (to == nullptr || format_of(*block) == 0) return;
    auto& format = formats_[to->place];
    if (!same_format(format, *block)) {
        // A WAV file has one format from its beginning to its end.
        if (format.rate != 0) viewers_.end_channel(channel_of(*to, form::http), "the sound has another format now");
        format = {block->rate, block->channels, block->format, {}};
    }
    const auto times = times_of(block.header());
    const media_head head{kind_of(block->format), to->id, format_of(*block), block.header().sequence, times};
    viewers_.publish(media_message(head, block->samples), block.arrived_ns(), channel_of(*to, form::websocket));
    wire_message samples;
    samples.pieces.push_back(block->samples);
    viewers_.publish(std::move(samples), block.arrived_ns(), channel_of(*to, form::http));
}

std::optional<std::string> media_server::wav_header(const live_stream& sound) const {
    const auto& format = formats_[sound.place];
    if (format.rate == 0) return std::nullopt;
    return endless_wav_header(format);
}

bool media_server::admit(stream session, const channel_set& channels, std::unique_ptr<viewer_ear> ear,
                         std::string first, std::string shown) {
    fan_out::opened_session arrived{.session = std::move(session), .channels = channels};
    arrived.ear = std::move(ear);
    arrived.first.pieces.push_back(shared_bytes::adopt(std::move(first)));
    arrived.shown = std::move(shown);
    return viewers_.admit(std::move(arrived));
}

bool media_server::serve_mjpeg(stream session, const live_stream& image, std::string head) {
    channel_set channels;
    channels.set(channel_of(image, form::http));
    head += mjpeg_separator.substr(2);  // no part is ahead of it
    return admit(std::move(session), channels, nullptr, std::move(head), image.name + ".mjpeg");
}

bool media_server::serve_wav(stream session, const live_stream& sound, std::string head) {
    channel_set channels;
    channels.set(channel_of(sound, form::http));
    head += wav_header(sound).value_or(std::string());
    return admit(std::move(session), channels, nullptr, std::move(head), sound.name + ".wav");
}

bool media_server::serve_media(stream session, const std::vector<live_stream>& wanted, std::string head) {
    channel_set channels;
    std::vector<std::string_view> names;
    for (const auto& each : wanted) {
        channels.set(channel_of(each, form::websocket));
        names.push_back(each.name);
    }
    auto shown = fmt::format("{}", fmt::join(names, ","));
    return admit(std::move(session), channels, std::make_unique<media_ear>(), std::move(head), std::move(shown));
}

}  // namespace streamhost::web
