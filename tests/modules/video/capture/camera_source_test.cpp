#include "camera_source.hpp"

#include "bar_code.hpp"
#include "fake_camera.hpp"
#include "jpeg_encoder.hpp"
#include "opencv_quiet.hpp"
#include "../temporary_folder.hpp"
#include "test_pattern.hpp"

#include <gmock/gmock.h>
#include <linux/videodev2.h>

#include <cerrno>
#include <fstream>

namespace streamhost::video {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string path = "/dev/video90";

std::vector<std::byte> jpeg_bytes(int number, int width = 640, int height = 480) {
    jpeg_encoder encoder;
    const auto frame = test_pattern(width, height).draw(static_cast<std::uint64_t>(number), {});
    const auto image = encoder.encode(frame, {}).value();
    return {image.data.span().begin(), image.data.span().end()};
}

/// Raw pictures of one brightness: in YUYV every second byte is brightness, the others are colour.
std::vector<std::byte> gray_yuyv(int brightness, int width = 640, int height = 480) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 2, std::byte{128});
    for (std::size_t i = 0; i < bytes.size(); i += 2) bytes[i] = static_cast<std::byte>(brightness);
    return bytes;
}

class camera_source_test : public ::testing::Test {
protected:
    camera_source_test() { quieten_opencv(); }
    ~camera_source_test() override { test::remove_fake_cameras(); }

    static source_request request(bool frames, bool images, int width = 0) {
        source_request made;
        made.target = {source_kind::device, path};
        made.frames = frames;
        made.images = images;
        made.width = width;
        made.shape.width = width;
        return made;
    }

    source_picture read_picture(camera_source& source) {
        auto event = source.read();
        const auto* failure = std::get_if<source_failure>(&event);
        EXPECT_EQ(failure, nullptr) << failure->reason;
        return std::get<source_picture>(std::move(event));
    }
    static std::string read_failure(camera_source& source) {
        const auto event = source.read();
        const auto* failure = std::get_if<source_failure>(&event);
        return failure != nullptr ? failure->reason : "none";
    }

    // OpenCV drops the first picture of a stream.
    const std::vector<std::byte> first = jpeg_bytes(0);
};

TEST_F(camera_source_test, images_are_the_cameras_own_bytes) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
    auto padded = jpeg_bytes(2);  // some drivers leave what stood in the buffer
    padded.resize(padded.size() + 1000, std::byte{0x55});
    camera.reads = {first, jpeg_bytes(1), padded};

    camera_source source(request(false, true));
    ASSERT_FALSE(source.open());
    EXPECT_TRUE(source.info().gives_images);
    EXPECT_TRUE(source.info().live);
    EXPECT_EQ(source.info().name, "/dev/video90 (Fake Camera)");
    EXPECT_DOUBLE_EQ(source.info().rate, 30);
    for (const int number : {1, 2}) {
        const auto picture = read_picture(source);
        EXPECT_FALSE(picture.frame);
        ASSERT_TRUE(picture.image);
        EXPECT_TRUE(std::ranges::equal(picture.image->data.span(), jpeg_bytes(number)));
        EXPECT_EQ(picture.image->width, 640);
        EXPECT_EQ(picture.image->height, 480);
    }
}

TEST_F(camera_source_test, frames_are_decoded_beside_the_images_where_both_are_wanted) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
    camera.reads = {first, jpeg_bytes(7)};
    camera_source source(request(true, true));
    ASSERT_FALSE(source.open());
    const auto picture = read_picture(source);
    ASSERT_TRUE(picture.image);
    ASSERT_TRUE(picture.frame);
    EXPECT_EQ(read_bar_code(*picture.frame), 7);
}

TEST_F(camera_source_test, broken_pictures_are_left_out_and_counted) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    auto cut = jpeg_bytes(1);
    cut.resize(cut.size() / 2);
    camera.reads = {first, cut, std::vector<std::byte>(100), jpeg_bytes(3)};
    camera_source source(request(true, true));
    ASSERT_FALSE(source.open());
    const auto picture = read_picture(source);
    EXPECT_EQ(picture.damaged, 2u);
    EXPECT_EQ(read_bar_code(*picture.frame), 3);
}

TEST_F(camera_source_test, a_camera_that_delivers_nothing_but_broken_pictures_fails) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    camera.reads.assign(100, std::vector<std::byte>(100));
    camera_source source(request(true, true));
    ASSERT_FALSE(source.open());
    EXPECT_THAT(read_failure(source), HasSubstr("damaged pictures in a row"));
}

TEST_F(camera_source_test, a_camera_without_jpeg_gives_frames) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_YUYV};
    camera.reads = {gray_yuyv(0), gray_yuyv(126)};
    camera_source source(request(true, true));
    ASSERT_FALSE(source.open());
    EXPECT_FALSE(source.info().gives_images);
    const auto picture = read_picture(source);
    EXPECT_FALSE(picture.image);
    ASSERT_TRUE(picture.frame);
    EXPECT_EQ(picture.frame->width, 640);
    EXPECT_EQ(picture.frame->height, 480);
    EXPECT_EQ(picture.frame->format, pixel_format::bgr8);
    EXPECT_NEAR(std::to_integer<int>(picture.frame->pixels.data()[3 * 1000]), 128, 2);  // 126 of 16 to 235
}

TEST_F(camera_source_test, small_pictures_are_asked_for_raw_and_large_ones_as_jpeg) {
    for (const auto& [width, format] : {std::pair{640, V4L2_PIX_FMT_YUYV}, std::pair{1280, V4L2_PIX_FMT_MJPEG}}) {
        test::remove_fake_cameras();
        auto& camera = test::add_fake_camera(path);
        camera.formats = {V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG};
        camera.sizes = {{640, 480}, {1280, 960}, {1920, 1080}};
        camera_source source(request(true, false, width));
        ASSERT_FALSE(source.open());
        EXPECT_EQ(camera.chosen_format, format);
        EXPECT_EQ(camera.chosen_width, width);
    }
}

TEST_F(camera_source_test, size_and_rate_are_asked_of_the_camera_and_the_width_is_kept_in_any_case) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    camera.sizes = {{320, 240}, {640, 480}, {1280, 720}};
    camera.reads = {first, jpeg_bytes(5, 1280, 720)};
    auto wanted = request(true, false, 1000);
    wanted.height = 720;
    wanted.fps = 12.5;
    camera_source source(wanted);
    ASSERT_FALSE(source.open());
    EXPECT_EQ(camera.chosen_width, 1280);
    EXPECT_EQ(camera.chosen_height, 720);
    EXPECT_EQ(camera.asked_rate, 13);
    const auto picture = read_picture(source);
    EXPECT_EQ(picture.frame->width, 1000);
    EXPECT_EQ(picture.frame->height, 562);
    EXPECT_EQ(read_bar_code(*picture.frame), 5);
}

TEST_F(camera_source_test, a_camera_that_is_mounted_sideways_is_asked_for_the_height) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    camera.sizes = {{640, 480}, {1280, 960}};
    camera.reads = {first, first};
    auto wanted = request(true, false, 480);
    wanted.shape.rotated = rotation::by_90;
    camera_source source(wanted);
    ASSERT_FALSE(source.open());
    EXPECT_EQ(camera.chosen_width, 640);
    const auto picture = read_picture(source);
    EXPECT_EQ(picture.frame->width, 480);
    EXPECT_EQ(picture.frame->height, 640);
}

TEST_F(camera_source_test, a_camera_that_is_pulled_out_fails_and_can_be_opened_again) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    camera.reads = {first, first};
    camera_source source(request(true, false));
    ASSERT_FALSE(source.open());
    read_picture(source);
    EXPECT_EQ(read_failure(source), "it is gone");
    camera.reads = {first, jpeg_bytes(9)};
    ASSERT_FALSE(source.open());
    EXPECT_EQ(read_bar_code(*read_picture(source).frame), 9);
    EXPECT_EQ(camera.times_opened - camera.times_closed, 1);
}

TEST_F(camera_source_test, why_a_camera_cannot_be_opened_is_said_with_the_remedy) {
    auto& camera = test::add_fake_camera(path);
    camera.formats = {V4L2_PIX_FMT_MJPEG};
    camera_source source(request(true, false));

    camera.open_error = EACCES;
    auto failure = source.open();
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->reason, "permission denied");
    EXPECT_THAT(failure->remedy, HasSubstr("sudo usermod -aG video $USER"));

    camera.open_error = ENOENT;
    EXPECT_EQ(source.open()->reason, "no such device");

    camera.open_error = 0;
    camera.capabilities = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING;  // the second node of a USB camera
    EXPECT_EQ(source.open()->reason, "is no camera");
    EXPECT_EQ(camera.times_opened, camera.times_closed);

    test::remove_fake_cameras();
    EXPECT_EQ(source.open()->reason, "no such device");
}

TEST(camera_paths_test, cameras_are_listed_by_their_numbers) {
    const test::temporary_folder folder;
    for (const auto* name : {"video10", "video2", "video0", "videotape", "video", "vbi0"}) std::ofstream(folder / name);
    EXPECT_THAT(camera_paths(folder.path().string()),
                ElementsAre(folder / "video0", folder / "video2", folder / "video10"));
    EXPECT_THAT(camera_paths(folder / "missing"), ElementsAre());
}

}  // namespace
}  // namespace streamhost::video
