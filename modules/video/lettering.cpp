#include "lettering.hpp"

#include <algorithm>
#include <cmath>

namespace streamhost::video {
namespace {

// A character is a few lines on a grid 8 units wide and 12 high, y downwards: two digits (x, y) a point, hexadecimal;
// points joined by blanks, lines parted by commas.
struct glyph {
    char character;
    int width;
    std::string_view lines;
};

constexpr std::string_view o_lines = "20 60 82 8a 6c 2c 0a 02 20";

constexpr glyph glyphs[] = {
    {' ', 3, ""},
    {'!', 0, "00 08,0c 0c"},
    {'%', 8, "80 0c,10 20 21 22 12 11 10,6a 7a 7b 7c 6c 6b 6a"},
    {'\'', 0, "00 03"},
    {'(', 2, "20 02 0a 2c"},
    {')', 2, "00 22 2a 0c"},
    {'+', 8, "43 4b,07 87"},
    {',', 1, "1b 0e"},
    {'-', 6, "07 67"},
    {'.', 0, "0c 0c"},
    {'/', 6, "60 0c"},
    {'0', 8, o_lines},
    {'1', 8, "13 40 4c,1c 7c"},
    {'2', 8, "02 20 60 82 84 0c 8c"},
    {'3', 8, "02 20 60 82 84 66 36,66 88 8a 6c 2c 0a"},
    {'4', 8, "6c 60 08 88"},
    {'5', 8, "80 00 05 65 87 8a 6c 2c 0a"},
    {'6', 8, "82 60 20 02 0a 2c 6c 8a 87 65 25 07"},
    {'7', 8, "00 80 82 3c"},
    {'8', 8, "26 04 02 20 60 82 84 66 26 08 0a 2c 6c 8a 88 66"},
    {'9', 8, "0a 2c 6c 8a 82 60 20 02 05 27 67 85"},
    {':', 0, "04 04,0a 0a"},
    {'=', 6, "05 65,09 69"},
    {'?', 8, "02 20 60 82 84 47 48,4c 4c"},
    {'A', 8, "0c 40 8c,18 78"},
    {'B', 8, "00 60 82 84 66 06,66 88 8a 6c 0c 00"},
    {'C', 8, "82 60 20 02 0a 2c 6c 8a"},
    {'D', 8, "00 50 83 89 5c 0c 00"},
    {'E', 7, "70 00 0c 7c,06 56"},
    {'F', 7, "70 00 0c,06 56"},
    {'G', 8, "82 60 20 02 0a 2c 6c 8a 86 56"},
    {'H', 8, "00 0c,80 8c,06 86"},
    {'I', 0, "00 0c"},
    {'J', 7, "70 7a 5c 2c 0a"},
    {'K', 8, "00 0c,80 08,35 8c"},
    {'L', 7, "00 0c 7c"},
    {'M', 10, "0c 00 58 a0 ac"},
    {'N', 8, "0c 00 8c 80"},
    {'O', 8, o_lines},
    {'P', 8, "0c 00 60 82 85 67 07"},
    {'Q', 8, "20 60 82 8a 6c 2c 0a 02 20,59 8c"},
    {'R', 8, "0c 00 60 82 85 67 07,47 8c"},
    {'S', 8, "82 60 20 02 04 26 66 88 8a 6c 2c 0a"},
    {'T', 8, "00 80,40 4c"},
    {'U', 8, "00 0a 2c 6c 8a 80"},
    {'V', 8, "00 4c 80"},
    {'W', 12, "00 3c 62 9c c0"},
    {'X', 8, "00 8c,80 0c"},
    {'Y', 8, "00 46 80,46 4c"},
    {'Z', 8, "00 80 0c 8c"},
    {'_', 8, "0c 8c"},
    {'\0', 8, "00 80 8c 0c 00"},  // the box
};

constexpr float capital_units = 12;  // from the middle of the uppermost line to that of the lowest
constexpr float thickness_units = 1.7F;
constexpr float gap_units = 4.2F;  // from the middle of a character's last line to the next one's first
constexpr float descent_units = 3;

std::size_t glyph_index(char character) noexcept {
    if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
    const auto* box = std::end(glyphs) - 1;
    const auto* found =
        std::find_if(std::begin(glyphs), box, [=](const glyph& g) { return g.character == character; });
    return static_cast<std::size_t>(found - std::begin(glyphs));
}

float coordinate(char digit) noexcept { return static_cast<float>(digit <= '9' ? digit - '0' : digit - 'a' + 10); }

point grid_point(std::string_view xy) noexcept { return {coordinate(xy[0]), coordinate(xy[1])}; }

// Every segment of a character, in grid units.
template <class Segment>
void each_segment(const glyph& character, Segment segment) {
    const auto lines = character.lines;
    for (std::size_t i = 0; i + 4 < lines.size(); i += 3)
        if (lines[i + 2] == ' ') segment(grid_point(lines.substr(i)), grid_point(lines.substr(i + 3)));
}

float line_units(std::string_view line) noexcept {
    float units = thickness_units;
    for (std::size_t i = 0; i < line.size(); ++i)
        units += static_cast<float>(glyphs[glyph_index(line[i])].width) + (i + 1 < line.size() ? gap_units : 0);
    return units;
}

}  // namespace

lettering::lettering(float height) : height_(height), unit_(height / (capital_units + thickness_units)) {
    for (const auto& character : glyphs) {
        // One pixel of margin, as a smooth edge reaches over the line's nominal one.
        stamp drawn;
        drawn.width = static_cast<int>(std::ceil((static_cast<float>(character.width) + thickness_units) * unit_)) + 2;
        drawn.height = static_cast<int>(std::ceil((capital_units + thickness_units + descent_units) * unit_)) + 2;
        drawn.coverage.resize(static_cast<std::size_t>(drawn.width) * static_cast<std::size_t>(drawn.height));
        each_segment(character, [&](point from, point to) { add_segment(drawn, from, to); });
        stamps_.push_back(std::move(drawn));
    }
}

void lettering::add_segment(stamp& target, point from, point to) const {
    const auto in_pixels = [this](point p) {
        return point{(p.x + thickness_units / 2) * unit_ + 1, (p.y + thickness_units / 2) * unit_ + 1};
    };
    from = in_pixels(from);
    to = in_pixels(to);
    const float thickness = thickness_units * unit_;
    const auto area = stroke_area(from, to, thickness);
    for (int y = std::max(area.top, 0); y < std::min(area.bottom, target.height); ++y)
        for (int x = std::max(area.left, 0); x < std::min(area.right, target.width); ++x) {
            auto& covered = target.coverage[static_cast<std::size_t>(y * target.width + x)];
            const point at{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
            const float share = stroke_coverage(at, from, to, thickness);
            covered = std::max(covered, static_cast<std::uint8_t>(share * 255 + 0.5F));
        }
}

float lettering::width(std::string_view line) const noexcept { return line_units(line) * unit_; }

float lettering::width_per_height(std::string_view line) noexcept {
    return line_units(line) / (capital_units + thickness_units);
}

void lettering::draw(frame_buffer& picture, point upper_left, std::string_view line, colour paint) const {
    STREAMHOST_ASSERT(picture.format() == pixel_format::bgr8);
    float pen = upper_left.x;
    const int top = static_cast<int>(std::lround(upper_left.y)) - 1;
    for (const char character : line) {
        const auto index = glyph_index(character);
        draw_stamp(picture, static_cast<int>(std::lround(pen)) - 1, top, stamps_[index], paint);
        pen += (static_cast<float>(glyphs[index].width) + gap_units) * unit_;
    }
}

void lettering::draw_stamp(frame_buffer& picture, int left, int top, const stamp& drawn, colour paint) {
    for (int y = std::max(0, -top); y < std::min(drawn.height, picture.height() - top); ++y)
        for (int x = std::max(0, -left); x < std::min(drawn.width, picture.width() - left); ++x)
            blend(picture, left + x, top + y, drawn.coverage[static_cast<std::size_t>(y * drawn.width + x)], paint);
}

}  // namespace streamhost::video
