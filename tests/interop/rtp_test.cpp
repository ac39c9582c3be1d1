#include "bar_code.hpp"
#include "frame_buffer.hpp"
#include "jpeg_decoder.hpp"
#include "jpeg_splitter.hpp"
#include "support/frame_lines.hpp"
#include "support/raw_peer.hpp"
#include "support/running_host.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>

/// Video over RTP between a host and other programs, frame by frame: ffmpeg, and GStreamer where it is installed. The
/// hosts' queues are long: on a busy machine a program catches up in bursts.
namespace streamhost::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int clip_pictures = 50;
constexpr int width = 320;
constexpr int height = 240;

bool is_installed(const char* program) {
    return std::system(fmt::format("command -v {} >/dev/null", program).c_str()) == 0;
}

class rtp_peers_test : public ::testing::Test {
protected:
    /// A sender of numbered pictures.
    std::unique_ptr<running_host> send(std::uint16_t port) {
        return start("sender", fmt::format(R"(
    "source": {{ "type": "numbered.frames", "width": {}, "height": {}, "fps": 25 }},
    "jpeg": {{ "type": "video.encode" }},
    "video": {{ "type": "video.udp_sender", "connect": "127.0.0.1:{}", "wire": "rtp", "sdp": "{}" }})",
                                           width, height, port, description().string()),
                     R"({ "path": "source -> jpeg -> video", "queue": { "policy": "drop_oldest", "items": 64 } })");
    }
    /// Notes what it sees.
    std::unique_ptr<running_host> receive() {
        return start("receiver", fmt::format(R"(
    "video": {{ "type": "video.udp_receiver", "listen": "127.0.0.1:0", "wire": "rtp" }},
    "pictures": {{ "type": "video.decode" }},
    "notes": {{ "type": "numbered.notes", "file": "{}", "hash": false }})", seen().string()),
                     R"({ "path": "video -> pictures -> notes", "queue": { "policy": "drop_oldest", "items": 64 } })");
    }
    std::unique_ptr<running_host> start(const std::string& name, const std::string& modules, const std::string& links) {
        auto host = std::make_unique<running_host>(
            folder, name, fmt::format(R"({{"name": "{}", "modules": {{{}}}, "links": [{}]}})", name, modules, links));
        EXPECT_TRUE(host->wait_ready()) << host->log();
        return host;
    }
    std::unique_ptr<child_program> run(const std::string& name, std::vector<std::string> command) {
        return std::make_unique<child_program>(folder, name, child_program::options{.command = std::move(command)});
    }

    std::filesystem::path seen() const { return folder / "frames"; }
    std::filesystem::path description() const { return folder / "video.sdp"; }
    std::filesystem::path received() const { return folder / "received.mjpeg"; }

    /// Raw pictures, 0 the first, as blue, green and red.
    std::filesystem::path clip() const {
        const auto file = folder / "clip.bgr";
        std::ofstream out(file, std::ios::binary);
        for (int number = 0; number < clip_pictures; ++number) {
            video::frame_buffer picture(width, height, pixel_format::bgr8);
            std::mt19937 random(static_cast<unsigned>(number));
            // Blocks of 8 x 8 pixels, each of its own brightness: 30 KB as a JPEG.
            for (int y = 0; y < height; ++y) {
                auto row = picture.row(y);
                if (y % 8 != 0) {
                    std::ranges::copy(picture.row(y - 1), row.begin());
                    continue;
                }
                for (std::size_t x = 0; x < row.size(); x += 24)
                    std::ranges::fill(row.subspan(x, 24), static_cast<std::byte>(random()));
            }
            video::write_bar_code(picture, static_cast<std::uint16_t>(number));
            const auto frame = std::move(picture).finish();
            out.write(reinterpret_cast<const char*>(frame.pixels.data()), static_cast<std::streamsize>(frame.pixels.size()));
        }
        return file;
    }

    /// The numbers of the whole pictures in the file that another program is writing.
    std::vector<int> numbers_received() const {
        const auto content = read_file(received());
        auto rest = std::as_bytes(std::span(content));
        video::jpeg_splitter splitter;
        video::jpeg_decoder decoder;
        std::vector<int> numbers;
        while (const auto picture = splitter.next(rest)) {
            const auto frame = decoder.decode(picture->span());
            const auto number = frame ? video::read_bar_code(*frame) : std::nullopt;
            numbers.push_back(number ? *number : -1);
        }
        return numbers;
    }
    /// That program has received enough of the host's pictures, one after the other.
    void expect_received(const child_program& program, const running_host& sender) {
        ASSERT_TRUE(folder.wait([&] { return program.ended() || numbers_received().size() >= clip_pictures; }))
            << program.log() << sender.log();
        const auto numbers = numbers_received();
        ASSERT_GE(numbers.size(), std::size_t{clip_pictures}) << program.log();
        for (std::size_t i = 1; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], numbers[i - 1] + 1) << "picture " << i;
        EXPECT_GE(numbers[0], 0);
    }
    /// The host has received the whole clip, one picture after the other.
    void expect_clip_seen(const child_program& program, const running_host& receiver) {
        ASSERT_TRUE(folder.wait([&] { return count_frames(seen()) >= clip_pictures; })) << program.log() << receiver.log();
        const auto frames = read_frame_lines(seen());
        ASSERT_EQ(frames.size(), std::size_t{clip_pictures});
        for (int i = 0; i < clip_pictures; ++i) EXPECT_EQ(frames[static_cast<std::size_t>(i)].number, i);
        EXPECT_THAT(receiver.log(), Not(HasSubstr("refused")));
    }

    static std::vector<std::string> ffmpeg(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"ffmpeg", "-hide_banner", "-loglevel", "warning"});
        return arguments;
    }
    std::vector<std::string> ffmpeg_sends(std::uint16_t port, const std::vector<std::string>& more) const {
        auto arguments = ffmpeg({"-re", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", fmt::format("{}x{}", width, height), "-r",
                                 "25", "-i", clip().string(), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default"});
        arguments.insert(arguments.end(), more.begin(), more.end());
        arguments.insert(arguments.end(), {"-f", "rtp", fmt::format("rtp://127.0.0.1:{}", port)});
        return arguments;
    }
    std::vector<std::string> gstreamer_sends(std::uint16_t port, int as_wide = width, int as_high = height) const {
        std::vector<std::string> command{"gst-launch-1.0", "-q"};
        std::istringstream pipeline(fmt::format(
            "filesrc location={} ! rawvideoparse format=bgr width={} height={} framerate=25/1 ! videoconvert ! videoscale ! "
            "video/x-raw,format=I420,width={},height={} ! jpegenc ! rtpjpegpay ! udpsink host=127.0.0.1 port={}",
            clip().string(), width, height, as_wide, as_high, port));
        for (std::string word; pipeline >> word;) command.push_back(word);
        return command;
    }

    scratch_folder folder;
};

TEST_F(rtp_peers_test, ffmpeg_plays_what_a_host_sends) {
    if (!is_installed("ffmpeg")) GTEST_SKIP() << "there is no ffmpeg here";
    const auto sender = send(free_port());
    const auto player = run("ffmpeg", ffmpeg({"-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4000000", "-i",
                                              description().string(), "-c:v", "copy", "-flush_packets", "1", "-f", "mjpeg",
                                              received().string()}));
    expect_received(*player, *sender);
}

TEST_F(rtp_peers_test, a_host_receives_what_ffmpeg_sends_with_one_table_and_with_two) {
    if (!is_installed("ffmpeg")) GTEST_SKIP() << "there is no ffmpeg here";
    for (const auto& more : {std::vector<std::string>{}, {"-force_duplicated_matrix", "1"}}) {
        SCOPED_TRACE(fmt::format("{} more arguments", more.size()));
        std::filesystem::remove(seen());
        const auto receiver = receive();
        const auto program = run("ffmpeg", ffmpeg_sends(receiver->port("video"), more));
        expect_clip_seen(*program, *receiver);
    }
}

TEST_F(rtp_peers_test, gstreamer_plays_what_a_host_sends) {
    if (!is_installed("gst-launch-1.0")) GTEST_SKIP() << "there is no GStreamer here";
    const auto port = free_port();
    const auto player = run("gstreamer", {"gst-launch-1.0", "-q", "udpsrc", "address=127.0.0.1", fmt::format("port={}", port),
                                          "buffer-size=4000000",
                                          "caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=JPEG,payload=26",
                                          "!", "rtpjpegdepay", "!", "filesink", "buffer-mode=2",
                                          fmt::format("location={}", received().string())});
    const auto sender = send(port);
    expect_received(*player, *sender);
}

TEST_F(rtp_peers_test, a_host_receives_what_gstreamer_sends) {
    if (!is_installed("gst-launch-1.0")) GTEST_SKIP() << "there is no GStreamer here";
    const auto receiver = receive();
    const auto program = run("gstreamer", gstreamer_sends(receiver->port("video")));
    expect_clip_seen(*program, *receiver);
}

TEST_F(rtp_peers_test, pictures_of_gstreamer_whose_size_stands_only_in_the_description_are_refused_with_a_line) {
    if (!is_installed("gst-launch-1.0")) GTEST_SKIP() << "there is no GStreamer here";
    const auto receiver = receive();
    const auto program = run("gstreamer", gstreamer_sends(receiver->port("video"), 2400, 1800));
    EXPECT_TRUE(receiver->wait_log("is refused: it does not say how large the picture is")) << program->log();
    EXPECT_EQ(count_frames(seen()), 0u);
}

}  // namespace
}  // namespace streamhost::test
