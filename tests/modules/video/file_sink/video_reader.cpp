#include "video_reader.hpp"

extern "C" {
#include <libavformat/avformat.h>
}

namespace streamhost::video::test {

video_content read_video(const std::string& path) {
    video_content content;
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext* context = nullptr;
    if (avformat_open_input(&context, path.c_str(), nullptr, nullptr) < 0) return content;
    AVPacket* packet = av_packet_alloc();
    if (context->nb_streams == 1 && context->streams[0]->codecpar->codec_id == AV_CODEC_ID_MJPEG) {
        const auto* const stream = context->streams[0];
        content.readable = true;
        content.width = stream->codecpar->width;
        content.height = stream->codecpar->height;
        while (av_read_frame(context, packet) >= 0) {
            if (packet->size > 0) {  // AVI fills gaps with empty ones
                const auto* const first = reinterpret_cast<const std::byte*>(packet->data);
                content.pictures.push_back(shared_bytes::adopt(std::vector<std::byte>(first, first + packet->size)));
                content.times_ms.push_back(av_rescale_q(packet->pts, stream->time_base, AVRational{1, 1000}));
            }
            av_packet_unref(packet);
        }
    }
    av_packet_free(&packet);
    avformat_close_input(&context);
    return content;
}

}  // namespace streamhost::video::test
