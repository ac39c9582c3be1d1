#pragma once

#include "media_forms.hpp"
#include "stream_list.hpp"

#include <streamhost/fan_out.hpp>
#include <streamhost/module.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamhost::web {

/// The pictures and the sound of the console, for browsers and players: each message has two forms, one for HTTP and
/// one for WebSockets, and each form is a channel of one `fan_out`. So all viewers have the same policies and counters,
/// and what a session costs does not depend on what it asks for. Confined to the module's lane.
class media_server {
public:
    static constexpr std::size_t most_streams = 32;  ///< of pictures, and of sound

    media_server(module_context& host, std::uint16_t first_id);

    stream_list& images() noexcept { return images_; }
    stream_list& sounds() noexcept { return sounds_; }
    const stream_list& images() const noexcept { return images_; }
    const stream_list& sounds() const noexcept { return sounds_; }

    /// What the inputs are linked to now.
    void update_images(const std::vector<link_source>& sources);
    void update_sounds(const std::vector<link_source>& sources);

    void publish(const message<encoded_image>& image, const link_source& from);
    void publish(const message<audio_block>& block, const link_source& from);

    /// The newest picture; empty while there is none.
    const message<encoded_image>& newest(const live_stream& image) const { return pictures_[image.place]; }
    media_times times_of(const message_header& header) const;

    /// What a player has to be told ahead of the sound: its format at the moment; nothing while none has come.
    std::optional<std::string> wav_header(const live_stream& sound) const;

    /// The ways to watch. `head`: of the HTTP answer. False where there is no room; `why_not` then says so in words.
    bool serve_mjpeg(stream session, const live_stream& image, std::string head);
    bool serve_wav(stream session, const live_stream& sound, std::string head);
    /// All that are named, over a WebSocket.
    bool serve_media(stream session, const std::vector<live_stream>& wanted, std::string head);

    bool has_room() const noexcept { return viewers_.has_room(); }
    std::string turn_away(const stream& session) { return viewers_.turn_away(session); }
    awaitable<void> finish(duration limit) { return viewers_.finish(limit, {}); }

private:
    enum class form : std::uint8_t { http, websocket };
    static std::size_t channel_of(const live_stream& of, form as);
    fan_out::options viewer_queues() const;
    bool admit(stream session, const channel_set& channels, std::unique_ptr<viewer_ear> ear, std::string first,
               std::string shown);

    module_context& host_;
    stream_list images_;
    stream_list sounds_;
    std::vector<message<encoded_image>> pictures_;  ///< the newest, by place
    std::vector<audio_block> formats_;              ///< as of the newest block, without samples
    fan_out viewers_;
};

}  // namespace streamhost::web
