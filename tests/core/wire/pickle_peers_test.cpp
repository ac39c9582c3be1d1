// The pickle wire against real bytes: the captured samples of the tutorials, the corpus, and CPython itself.
#include "wire/sample_bytes.hpp"

#include <streamhost/wire/pickle.hpp>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <random>

#include <unistd.h>

namespace streamhost {
namespace {

using testing::exact_copy;
using testing::to_string;
namespace fs = std::filesystem;

std::string whole(const pickle::pieces& written) {
    return to_string(written.prefix.span()) + to_string(written.body.span()) + to_string(written.suffix.span());
}

/// What our writers make of a value that was read; nothing for values that have no writer.
std::string rewritten(const pickle::value& value) {
    if (std::holds_alternative<pickle::none>(value)) return whole(pickle::write_none());
    if (const auto* text = std::get_if<std::string>(&value)) return whole(pickle::write_str(*text));
    if (const auto* content = std::get_if<shared_bytes>(&value)) return whole(pickle::write_bytes(*content));
    if (const auto* array = std::get_if<pickle::array>(&value))
        return whole(pickle::write_array(pickle::to_video_frame(*array).value()));
    return {};
}

// --- captured samples ---

struct sample {
    const char* file;
    bool exact;  // written by the tutorials' own protocol, so ours must be equal
};

constexpr sample samples[] = {
    {"text_str_ascii.bin", true}, {"text_str_utf8.bin", true}, {"text_str_empty.bin", true},
    {"text_str_255.bin", true}, {"text_str_256.bin", true}, {"text_str_3000.bin", true}, {"none.bin", true},
    {"ndarray_320x240.bin", true}, {"audio_bytes_4096.bin", true}, {"audio_bytes_2720_last.bin", true},
    {"audio_bytes_empty.bin", true}, {"str_70000_p4.bin", true}, {"tiny_str_p4.bin", true},
    {"tiny_bytes_p4.bin", true}, {"tiny_ndarray_4x6x3_p4.bin", true}, {"tiny_ndarray_strided_p4.bin", true},
    {"tiny_ndarray_fortran_p4.bin", false}, {"str_lone_surrogate_p4.bin", false},
    {"tiny_str_p0.bin", false}, {"tiny_str_p1.bin", false}, {"tiny_str_p2.bin", false}, {"tiny_str_p3.bin", false},
    {"tiny_str_p5.bin", false}, {"tiny_bytes_p0.bin", false}, {"tiny_bytes_p1.bin", false},
    {"tiny_bytes_p2.bin", false}, {"tiny_bytes_p3.bin", false}, {"tiny_bytes_p5.bin", false},
    {"tiny_ndarray_4x6x3_p0.bin", false}, {"tiny_ndarray_4x6x3_p1.bin", false}, {"tiny_ndarray_4x6x3_p2.bin", false},
    {"tiny_ndarray_4x6x3_p3.bin", false}, {"tiny_ndarray_4x6x3_p5.bin", false},
};

class captured : public ::testing::Test {
protected:
    void SetUp() override {
        if (!fs::exists(folder_))
            GTEST_SKIP() << std::size(samples) + 2 << " captured samples were not checked: no " << folder_;
    }

    /// The one pickle in a sample, without its length.
    std::string payload(const std::string& file) {
        const auto messages = testing::split(testing::read_file(folder_ / file));
        EXPECT_EQ(messages.size(), 1u) << file;
        return messages.empty() ? std::string() : messages.front();
    }

    const fs::path folder_ = fs::path(STREAMHOST_TUTORIALS) / "samples";
};

TEST_F(captured, are_read_and_written_again) {
    for (const auto& [file, exact] : samples) {
        SCOPED_TRACE(file);
        const auto original = payload(file);
        pickle::refusal why;
        const auto value = pickle::parse(exact_copy(original), &why);
        ASSERT_TRUE(value) << why.text << " at " << why.offset;
        EXPECT_EQ(rewritten(*value) == original, exact);
        if (std::string_view(file).starts_with("tiny_str")) {
            EXPECT_EQ(std::get<std::string>(*value), "h\u00e9 \u6f22");
        } else if (std::string_view(file).starts_with("tiny_bytes")) {
            EXPECT_EQ(std::get<shared_bytes>(*value).as_text(),
                      std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 16));
        }
    }
}

TEST_F(captured, every_tiny_array_holds_the_same_picture) {
    for (const auto& [file, exact] : samples) {
        if (!std::string_view(file).starts_with("tiny_ndarray")) continue;
        SCOPED_TRACE(file);
        const auto value = pickle::parse(exact_copy(payload(file))).value();
        const auto frame = pickle::to_video_frame(std::get<pickle::array>(value)).value();
        ASSERT_EQ(frame.pixels.size(), 72u);
        EXPECT_EQ(frame.height, 4);
        EXPECT_EQ(frame.width, 6);
        for (int k = 0; k < 72; ++k)
            ASSERT_EQ(std::to_integer<int>(frame.pixels.data()[k]), 3 * k % 256);
    }
}

TEST_F(captured, the_start_and_end_of_a_640x480_frame_are_equal) {
    const auto head = testing::read_file(folder_ / "ndarray_640x480_head256.bin");
    const auto tail = testing::read_file(folder_ / "ndarray_640x480_tail16.bin");
    const auto written = pickle::write_array({640, 480, pixel_format::bgr8, exact_copy(std::string(921'600, 'x'))});
    EXPECT_EQ(written.size(), 921'765u);
    EXPECT_EQ(to_string(written.prefix.span()), head.substr(8, written.prefix.size()));
    EXPECT_TRUE(tail.ends_with(to_string(written.suffix.span())));
}

TEST_F(captured, small_ones_cut_anywhere_are_refused) {
    for (const auto& [file, exact] : samples) {
        const auto original = payload(file);
        if (original.size() > 512) continue;
        for (std::size_t size = 0; size < original.size(); ++size)
            EXPECT_FALSE(pickle::parse(exact_copy(original.substr(0, size)))) << file << " cut to " << size;
    }
}

// --- the corpus of the fuzz target ---

TEST(pickle_corpus, is_read_or_refused_as_its_names_say) {
    int read = 0;
    int refused = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(STREAMHOST_FUZZ_FOLDER) / "corpus/pickle")) {
        const auto name = entry.path().filename().string();
        pickle::refusal why;
        const auto value = pickle::parse(exact_copy(testing::read_file(entry.path())), &why);
        const bool expected = !name.starts_with("refused_");
        EXPECT_EQ(value.has_value(), expected) << name << ": " << why.text << " at " << why.offset;
        ++(value ? read : refused);
    }
    EXPECT_GT(read, 100);
    EXPECT_GT(refused, 100);
}

// --- CPython and numpy, live ---

class cpython : public ::testing::Test {
protected:
    void SetUp() override {
        if (python_.empty()) GTEST_SKIP() << "no python3 with numpy here: CPython's own pickles were not compared";
    }

    std::vector<std::string> pickles(const std::vector<std::string>& lines) {
        const auto list = fs::path(::testing::TempDir())
                          / fmt::format("streamhost-pickles-{}-{}", ::getpid(),
                                        ::testing::UnitTest::GetInstance()->current_test_info()->name());
        {
            std::ofstream file(list);
            for (const auto& line : lines) file << line << '\n';
        }
        auto made = testing::split(testing::output_of(
            fmt::format("{} '{}/python_pickles.py' < '{}'", python_, STREAMHOST_WIRE_TEST_FOLDER, list.string())));
        fs::remove(list);
        EXPECT_EQ(made.size(), lines.size());
        made.resize(lines.size());
        return made;
    }

    const std::string python_ = testing::python_with_numpy();
};

TEST_F(cpython, writes_the_very_bytes_of_our_writers) {
    std::vector<std::string> lines{"none 0 4"};
    std::vector<std::string> ours{whole(pickle::write_none())};
    for (const std::size_t size : {0, 1, 255, 256, 4096, 65530, 65531, 65535, 65536, 70000}) {
        lines.push_back(fmt::format("str {} 4", size));
        ours.push_back(whole(pickle::write_str(testing::counted_text(size))));
        lines.push_back(fmt::format("bytes {} 4", size));
        ours.push_back(whole(pickle::write_bytes(exact_copy(testing::counted_bytes(size)))));
    }
    struct sides {
        int height;
        int width;
        int channels;
    };
    constexpr sides arrays[] = {{1, 1, 1}, {1, 1, 3}, {5, 17, 3}, {1, 255, 1}, {1, 256, 1}, {255, 1, 1}, {256, 1, 3},
                                {240, 320, 3}, {480, 640, 3}, {480, 640, 1}, {255, 255, 1}, {255, 257, 1},
                                {256, 256, 1}, {85, 257, 3}, {65535, 1, 1}, {65536, 1, 1}, {1, 65535, 1},
                                {1, 65536, 1}, {128, 170, 3}, {64, 341, 3}, {4096, 2, 3}, {1080, 1920, 3}};
    for (const auto& [height, width, channels] : arrays) {
        const auto gray = channels == 1;
        lines.push_back(gray ? fmt::format("array {}x{} 4", height, width)
                             : fmt::format("array {}x{}x{} 4", height, width, channels));
        const auto pixels = exact_copy(testing::counted_bytes(static_cast<std::size_t>(height) * width * channels));
        ours.push_back(whole(
            pickle::write_array({width, height, gray ? pixel_format::gray8 : pixel_format::bgr8, pixels})));
    }
    const auto theirs = pickles(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_TRUE(ours[i] == theirs[i]) << lines[i];
}

TEST_F(cpython, every_protocol_of_every_kind_is_read) {
    std::mt19937 random(1);
    const auto up_to = [&](int most) { return static_cast<int>(random() % most) + 1; };
    struct expected {
        std::string kind;
        std::array<int, 3> sides;
        int dimensions;
    };
    std::vector<std::string> lines;
    std::vector<expected> all;
    for (int i = 0; i < 3000; ++i) {
        const auto protocol = i % 6;
        const std::string kind = std::array{"str", "bytes", "array", "fortran"}[random() % 4];
        const int dimensions = kind == "str" || kind == "bytes" ? 1 : up_to(2) + 1;
        expected one{kind, {1, 1, 1}, dimensions};
        if (dimensions == 1) one.sides[0] = random() % 1000;
        for (int d = 0; dimensions > 1 && d < dimensions; ++d) one.sides[d] = d == 2 ? up_to(4) : up_to(30);
        auto sizes = std::to_string(one.sides[0]);
        for (int d = 1; d < dimensions; ++d) sizes += fmt::format("x{}", one.sides[d]);
        lines.push_back(fmt::format("{} {} {}", kind, sizes, protocol));
        all.push_back(one);
    }
    const auto made = pickles(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        SCOPED_TRACE(lines[i]);
        pickle::refusal why;
        const auto value = pickle::parse(exact_copy(made[i]), &why);
        ASSERT_TRUE(value) << why.text << " at " << why.offset;
        const auto& [kind, sides, dimensions] = all[i];
        const auto count = static_cast<std::size_t>(sides[0]) * sides[1] * sides[2];
        if (kind == "str") {
            ASSERT_EQ(std::get<std::string>(*value), testing::counted_text(count));
            continue;
        }
        if (kind == "bytes") {
            ASSERT_EQ(std::get<shared_bytes>(*value).as_text(), testing::counted_bytes(count));
            continue;
        }
        const auto& array = std::get<pickle::array>(*value);
        ASSERT_EQ(array.shape, sides);
        ASSERT_EQ(array.dimensions, dimensions);
        if (sides[2] != 1 && sides[2] != 3) continue;
        ASSERT_EQ(pickle::to_video_frame(array).value().pixels.as_text(), testing::counted_bytes(count));
    }
}

TEST_F(cpython, numbers_are_read_in_every_protocol) {
    std::vector<std::string> lines;
    for (int protocol = 0; protocol < 6; ++protocol) {
        for (const auto* number : {"0", "255", "256", "65536", "-1", "2147483648", "-9223372036854775808",
                                   "9223372036854775807"})
            lines.push_back(fmt::format("int {} {}", number, protocol));
        for (const auto* number : {"0.1", "-1e300", "5e-324", "inf", "123456789.123456789"})
            lines.push_back(fmt::format("float {} {}", number, protocol));
    }
    const auto made = pickles(lines);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto value = pickle::parse(exact_copy(made[i]));
        ASSERT_TRUE(value) << lines[i];
        const auto number = lines[i].substr(lines[i].find(' ') + 1);
        if (lines[i].starts_with("int")) {
            EXPECT_EQ(std::get<std::int64_t>(*value), std::stoll(number)) << lines[i];
        } else {
            EXPECT_EQ(std::get<double>(*value), std::strtod(number.c_str(), nullptr)) << lines[i];
        }
    }
}

TEST(exploit_pickles, ten_thousand_are_all_refused) {
    if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "no python3: 10000 exploits were not generated";
    const auto made = testing::split(
        testing::output_of(fmt::format("python3 '{}/make_corpus.py' exploits 10000 7", STREAMHOST_FUZZ_FOLDER)));
    ASSERT_EQ(made.size(), 10'000u);
    for (const auto& exploit : made)
        ASSERT_FALSE(pickle::parse(exact_copy(exploit))) << ::testing::PrintToString(exploit);
}

}  // namespace
}  // namespace streamhost
