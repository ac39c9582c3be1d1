#include "test_pattern.hpp"

#include "bar_code.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <numbers>
#include <string>
#include <vector>

namespace streamhost::video {
namespace {

constexpr colour ink = gray_level(240);
constexpr colour panel_ground{.blue = 36, .green = 26, .red = 20};
constexpr colour track_ground{.blue = 24, .green = 16, .red = 12};
constexpr colour accent{.blue = 40, .green = 170, .red = 255};

constexpr std::string_view widest_time = "00:00:00.000";
constexpr std::string_view widest_number = "0000000";
constexpr std::uint64_t number_range = 10'000'000;

// The dot's way: 3 s each way at 30 fps.
constexpr std::uint64_t frames_there_and_back = 180;

int share_of(int whole, double share) { return static_cast<int>(std::lround(whole * share)); }

void require_size(int width, int height) {
    STREAMHOST_ASSERT(width >= 64 && width <= 4096 && height >= 64 && height <= 4096);
}

}  // namespace

test_pattern::layout::layout(int w, int h) : width(w), height(h) {
    // On a small picture time and number matter more than bars: they get more room, one below the other.
    const bool small = width < 240 || height < 180;
    const int code_top = height * 440 / 480;
    const int bars_end = share_of(height, small ? 0.33 : 0.60);
    const int track_end = share_of(height, small ? 0.41 : 0.65);
    const int ramp_end = small ? track_end : share_of(height, 0.70);
    bars = {0, 0, width, bars_end};
    track = {0, bars_end, width, track_end};
    ramp = {0, track_end, width, ramp_end};
    panel = {0, ramp_end, width, code_top};

    has_dial = !small;
    dial_centre = {static_cast<float>(width) / 2, static_cast<float>(bars_end) / 2};
    dial_radius = static_cast<float>(std::min(bars_end, width)) * 0.38F;

    const float time_width = lettering::width_per_height(widest_time);
    const float number_width = lettering::width_per_height(widest_number);
    const float usable = static_cast<float>(width) * 0.92F;
    const auto middle_x = static_cast<float>(width) / 2;
    const auto room = static_cast<float>(panel.height());
    const auto top = static_cast<float>(panel.top);
    const float gap = 1.2F;  // as the widths: for each pixel of height
    const float beside = std::min(room * 0.5F, usable / (time_width + gap + number_width));
    const float below = std::min(room * 0.35F, usable / time_width);
    // Side by side looks calmer, so one below the other has to be worth it.
    const bool one_line = beside * 1.3F >= below;
    digits_height = one_line ? beside : below;
    if (one_line) {
        const float left = middle_x - (time_width + gap + number_width) * digits_height / 2;
        const float y = top + (room - digits_height) / 2;
        time_corner = {left, y};
        number_corner = {left + (time_width + gap) * digits_height, y};
    } else {
        const float margin = (room - 2 * digits_height) / 3;
        time_corner = {middle_x - time_width * digits_height / 2, top + margin};
        number_corner = {middle_x - number_width * digits_height / 2, top + 2 * margin + digits_height};
    }
}

test_pattern::test_pattern(int width, int height)
    : layout_((require_size(width, height), width), height), digits_(layout_.digits_height) {
    frame_buffer picture(width, height, pixel_format::bgr8);
    draw_bars(picture);
    fill(picture, layout_.track, track_ground);
    draw_ramp(picture);
    fill(picture, layout_.panel, panel_ground);
    if (layout_.has_dial) draw_dial(picture);
    write_bar_code(picture, 0);
    background_ = std::move(picture).finish();
}

void test_pattern::draw_bars(frame_buffer& picture) const {
    // The usual order, by falling brightness, at 75 %.
    constexpr int level = 191;
    constexpr std::array<colour, 7> colours{{{level, level, level},
                                             {0, level, level},
                                             {level, level, 0},
                                             {0, level, 0},
                                             {level, 0, level},
                                             {0, 0, level},
                                             {level, 0, 0}}};
    const int count = static_cast<int>(colours.size());
    for (int i = 0; i < count; ++i)
        fill(picture,
             {layout_.width * i / count, layout_.bars.top, layout_.width * (i + 1) / count, layout_.bars.bottom},
             colours[static_cast<std::size_t>(i)]);
}

void test_pattern::draw_ramp(frame_buffer& picture) const {
    for (int x = 0; x < layout_.width; ++x)
        fill(picture, {x, layout_.ramp.top, x + 1, layout_.ramp.bottom}, gray_level(255 * x / (layout_.width - 1)));
}

void test_pattern::draw_dial(frame_buffer& picture) const {
    const auto centre = layout_.dial_centre;
    const float radius = layout_.dial_radius;
    disc(picture, centre, radius, panel_ground);
    ring(picture, centre, radius, std::max(1.5F, radius * 0.03F), ink);
    // Ten long marks for tenths of a second, short ones between them.
    constexpr int marks = 20;
    for (int i = 0; i < marks; ++i) {
        const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / marks;
        const bool is_long = i % 2 == 0;
        const point out{std::sin(angle), -std::cos(angle)};
        const float from = radius * (is_long ? 0.80F : 0.86F);
        const float to = radius * 0.91F;
        stroke(picture, {centre.x + out.x * from, centre.y + out.y * from},
               {centre.x + out.x * to, centre.y + out.y * to}, radius * (is_long ? 0.03F : 0.018F),
               is_long ? ink : gray_level(150));
    }
    const auto size = fmt::format("{} x {}", layout_.width, layout_.height);
    const lettering letters(std::min(radius * 0.17F, radius / lettering::width_per_height(size)));
    letters.draw(picture, {centre.x - letters.width(size) / 2, centre.y + radius * 0.38F}, size, gray_level(190));
}

void test_pattern::draw_hand(frame_buffer& picture, std::chrono::milliseconds time_of_day) const {
    const auto centre = layout_.dial_centre;
    const float radius = layout_.dial_radius;
    const auto of_second = static_cast<float>(time_of_day.count() % 1000) / 1000;
    const float angle = 2 * std::numbers::pi_v<float> * of_second;
    const point out{std::sin(angle), -std::cos(angle)};
    stroke(picture, {centre.x - out.x * radius * 0.16F, centre.y - out.y * radius * 0.16F},
           {centre.x + out.x * radius * 0.74F, centre.y + out.y * radius * 0.74F}, radius * 0.05F, accent);
    stroke(picture, centre, centre, radius * 0.16F, accent);
}

void test_pattern::draw_dot(frame_buffer& picture, std::uint64_t number) const {
    const auto half = static_cast<float>(layout_.track.height()) / 2;
    const float reach = static_cast<float>(layout_.width) - 2 * half;
    const auto phase = 2 * static_cast<float>(number % frames_there_and_back) / frames_there_and_back;
    const float way = phase <= 1 ? phase : 2 - phase;
    const point centre{half + reach * way, static_cast<float>(layout_.track.top) + half};
    disc(picture, centre, half * 0.7F, accent);
}

video_frame test_pattern::draw(std::uint64_t number, std::chrono::milliseconds time_of_day) const {
    frame_buffer picture(layout_.width, layout_.height, pixel_format::bgr8);
    std::memcpy(picture.data(), background_.pixels.data(), picture.size());

    const auto ms = std::max<std::int64_t>(time_of_day.count(), 0);
    if (layout_.has_dial) draw_hand(picture, std::chrono::milliseconds(ms));
    draw_dot(picture, number);

    std::array<char, 16> line{};
    auto* end = fmt::format_to(line.data(), "{:02}:{:02}:{:02}.{:03}", ms / 3'600'000 % 24, ms / 60'000 % 60,
                               ms / 1000 % 60, ms % 1000);
    digits_.draw(picture, layout_.time_corner, {line.data(), end}, ink);
    end = fmt::format_to(line.data(), "{:07}", number % number_range);
    digits_.draw(picture, layout_.number_corner, {line.data(), end}, accent);

    write_bar_code(picture, static_cast<std::uint16_t>(number));
    return std::move(picture).finish();
}

std::chrono::milliseconds local_time_of_day(std::int64_t wall_ns) {
    const auto seconds = static_cast<std::time_t>(wall_ns / 1'000'000'000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return std::chrono::hours(local.tm_hour) + std::chrono::minutes(local.tm_min) + std::chrono::seconds(local.tm_sec) +
           std::chrono::milliseconds(wall_ns / 1'000'000 % 1000);
}

video_frame no_signal_frame(int width, int height, std::string_view caption) {
    require_size(width, height);
    frame_buffer picture(width, height, pixel_format::bgr8);
    fill(picture, {0, 0, width, height}, gray_level(58));

    const auto title = caption.substr(0, caption.find('\n'));
    std::vector<std::string_view> details;
    for (auto rest = caption.substr(title.size()); !rest.empty();) {
        rest.remove_prefix(1);
        details.push_back(rest.substr(0, rest.find('\n')));
        rest.remove_prefix(details.back().size());
    }
    const auto height_of = [&](std::string_view line, double share) {
        return std::min(static_cast<float>(height * share),
                        static_cast<float>(width) * 0.86F / lettering::width_per_height(line));
    };
    const float title_height = height_of(title, 0.13);
    float details_height = title_height * 0.5F;
    for (const auto line : details) details_height = std::min(details_height, height_of(line, 0.06));

    const float line_step = details_height * 1.8F;
    const float rule_gap = title_height * 0.55F;
    float y = (static_cast<float>(height) - title_height - rule_gap * 2 -
               line_step * static_cast<float>(details.size())) / 2;
    const auto centred = [&](const lettering& letters, std::string_view line, colour paint) {
        letters.draw(picture, {(static_cast<float>(width) - letters.width(line)) / 2, y}, line, paint);
    };
    const lettering large(title_height);
    centred(large, title, ink);
    y += title_height + rule_gap;
    const float rule = std::max(1.5F, title_height * 0.06F);
    const float half_rule = (large.width(title) - rule) / 2;
    const auto middle = static_cast<float>(width) / 2;
    if (half_rule > 0) stroke(picture, {middle - half_rule, y}, {middle + half_rule, y}, rule, accent);
    y += rule_gap;
    const lettering small(details_height);
    for (const auto line : details) {
        centred(small, line, gray_level(180));
        y += line_step;
    }
    return std::move(picture).finish();
}

}  // namespace streamhost::video
