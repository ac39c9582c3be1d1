#include "picture_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>

extern "C" {
#include <libavformat/avformat.h>
}

namespace streamhost::video {
namespace {

constexpr int buffer_size = 64 * 1024;

/// How much of a recording a kill may cost: Matroska gathers pictures in clusters, and a cluster is written whole.
constexpr auto flush_period = std::chrono::milliseconds(500);

/// What Matroska counts in.
constexpr AVRational milliseconds{1, 1000};

const char* name_of(file_format format) {
    switch (format) {
        case file_format::mkv: return "matroska";
        case file_format::avi: return "avi";
        case file_format::mp4: break;
    }
    return "mp4";
}

error_code system_error_of(int averror) {
    // Errors of libavformat itself have numbers far outside of errno's.
    const int number = AVUNERROR(averror);
    if (number > 0 && number < 4096) return {number, boost::system::system_category()};
    return errc::malformed;
}

}  // namespace

/// libavformat's writer over a descriptor of our own: it opens nothing, and what the disk says is not lost on the way.
struct picture_file::muxer {
    int file = -1;
    AVFormatContext* context = nullptr;
    AVIOContext* io = nullptr;
    AVPacket* packet = nullptr;
    bool open = false;           ///< the header is written, the end is not
    int failure = 0;             ///< errno of a write that failed; the file takes no more
    std::int64_t position = 0;
    std::int64_t good_size = 0;  ///< bytes up to the end of the last picture that was written whole
    std::int64_t last_time = -1;
    duration flushed_at{};

    ~muxer() {
        av_packet_free(&packet);
        if (io != nullptr) av_freep(&io->buffer);
        avio_context_free(&io);
        avformat_free_context(context);
        if (file >= 0) ::close(file);
    }

    static int write(void* self, std::uint8_t* bytes, int size) {
        return static_cast<muxer*>(self)->write_all(bytes, size);
    }
    static std::int64_t seek(void* self, std::int64_t offset, int from) {
        return static_cast<muxer*>(self)->move(offset, from);
    }

    int write_all(const std::uint8_t* bytes, int size) {
        if (failure != 0) return AVERROR(failure);
        for (int done = 0; done < size;) {
            const auto count = ::pwrite(file, bytes + done, static_cast<std::size_t>(size - done), position);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) {
                failure = count < 0 ? errno : EIO;
                return AVERROR(failure);
            }
            done += static_cast<int>(count);
            position += count;
        }
        return size;
    }

    std::int64_t move(std::int64_t offset, int from) {
        const auto size = ::lseek(file, 0, SEEK_END);
        switch (from & ~AVSEEK_FORCE) {
            case AVSEEK_SIZE: return size;
            case SEEK_SET: return position = offset;
            case SEEK_CUR: return position += offset;
            case SEEK_END: return position = size + offset;
            default: return AVERROR(EINVAL);
        }
    }

    result<void> begin(const picture_file_options& options) {
        // What has failed is what the calls return. Its own lines would go past the log, and it has one for each picture
        // that comes sooner after the one before than that came.
        av_log_set_level(AV_LOG_FATAL);
        auto* const bytes = static_cast<unsigned char*>(av_malloc(buffer_size));
        io = avio_alloc_context(bytes, buffer_size, 1, this, nullptr, &write, &seek);
        packet = av_packet_alloc();
        if (avformat_alloc_output_context2(&context, nullptr, name_of(options.format), nullptr) < 0 || io == nullptr ||
            packet == nullptr)
            throw std::bad_alloc();
        context->pb = io;
        context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_FLUSH_PACKETS;

        auto* const stream = avformat_new_stream(context, nullptr);
        if (stream == nullptr) throw std::bad_alloc();
        stream->codecpar->codec_type = AVMEDIA_TYPE_VIDEO;
        stream->codecpar->codec_id = AV_CODEC_ID_MJPEG;
        stream->codecpar->width = options.width;
        stream->codecpar->height = options.height;
        stream->time_base = options.format == file_format::avi ? AVRational{1, options.fps} : milliseconds;
        stream->avg_frame_rate = {options.fps, 1};

        AVDictionary* settings = nullptr;
        // Each picture in a fragment of its own, and nothing at the end that the beginning would point to.
        if (options.format == file_format::mp4)
            av_dict_set(&settings, "movflags", "frag_every_frame+empty_moov+default_base_moof", 0);
        const int status = avformat_write_header(context, &settings);
        av_dict_free(&settings);
        if (status < 0) return system_error_of(status);
        avio_flush(io);
        if (failure != 0) return error_code(failure, boost::system::system_category());
        good_size = position;
        open = true;
        return {};
    }

    /// Gives up: what is not whole goes. What libavformat still holds is never written.
    error_code give_up(int status) {
        const auto problem = failure != 0 ? error_code(failure, boost::system::system_category()) : system_error_of(status);
        if (failure == 0) failure = EIO;
        open = false;
        (void)::ftruncate(file, good_size);  // a player skips what is left over, should this fail too
        return problem;
    }
};

picture_file::picture_file(std::unique_ptr<muxer> inner) : inner_(std::move(inner)) {}

picture_file::~picture_file() { (void)finish(); }

result<std::unique_ptr<picture_file>> picture_file::create(const std::filesystem::path& path,
                                                           const picture_file_options& options) {
    auto inner = std::make_unique<muxer>();
    inner->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (inner->file < 0) return error_code(errno, boost::system::system_category());
    if (const auto begun = inner->begin(options); !begun) {
        (void)::unlink(path.c_str());
        return begun.error();
    }
    return std::unique_ptr<picture_file>(new picture_file(std::move(inner)));
}

std::uint64_t picture_file::size() const noexcept { return static_cast<std::uint64_t>(inner_->good_size); }

result<void> picture_file::write(std::span<const std::byte> jpeg, duration at) {
    if (!inner_->open) return error_code(EBADF, boost::system::system_category());
    auto& packet = *inner_->packet;
    const auto* const stream = inner_->context->streams[0];
    const auto at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(at).count();
    const auto time = std::max(inner_->last_time + 1, av_rescale_q(at_ms, milliseconds, stream->time_base));
    packet.data = reinterpret_cast<std::uint8_t*>(const_cast<std::byte*>(jpeg.data()));  // is only read
    packet.size = static_cast<int>(jpeg.size());
    packet.pts = packet.dts = time;
    packet.duration = 0;
    packet.stream_index = 0;
    packet.flags = AV_PKT_FLAG_KEY;
    int status = av_write_frame(inner_->context, &packet);
    if (status >= 0 && (inner_->last_time < 0 || at - inner_->flushed_at >= flush_period)) {
        inner_->flushed_at = at;
        status = av_write_frame(inner_->context, nullptr);
    }
    avio_flush(inner_->io);
    if (status < 0 || inner_->failure != 0) return inner_->give_up(status);
    inner_->last_time = time;
    inner_->good_size = inner_->position;
    return {};
}

result<void> picture_file::finish() {
    if (!std::exchange(inner_->open, false)) return {};
    const int status = av_write_trailer(inner_->context);
    avio_flush(inner_->io);
    if (status < 0 || inner_->failure != 0) return inner_->give_up(status);
    return {};
}

}  // namespace streamhost::video
