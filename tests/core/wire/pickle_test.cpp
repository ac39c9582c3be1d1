#include "wire/sample_bytes.hpp"

#include <streamhost/wire/pickle.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace streamhost {
namespace {

using namespace std::string_literals;
using testing::exact_copy;
using testing::to_string;

pickle::value read(std::string_view payload) { return pickle::parse(exact_copy(payload)).value(); }

template <class Value>
Value read_as(std::string_view payload) {
    return std::get<Value>(read(payload));
}

/// "malformed @7: a frame within a frame"
std::string why_not(std::string_view payload) {
    pickle::refusal why;
    const auto value = pickle::parse(exact_copy(payload), &why);
    if (value) return "read";
    EXPECT_EQ(value.error(), why.reason);
    const auto name = why.reason == errc::malformed     ? "malformed"
                      : why.reason == errc::unsupported ? "unsupported"
                      : why.reason == errc::too_large   ? "too_large"
                                                        : "?";
    return name + " @"s + std::to_string(why.offset) + ": " + why.text;
}

std::string whole(const pickle::pieces& written) {
    const auto all =
        to_string(written.prefix.span()) + to_string(written.body.span()) + to_string(written.suffix.span());
    EXPECT_EQ(all.size(), written.size());
    return all;
}

// --- scalars ---

TEST(pickle, reads_none_and_bool) {
    EXPECT_TRUE(std::holds_alternative<pickle::none>(read("N.")));
    EXPECT_TRUE(std::holds_alternative<pickle::none>(read("\x80\x04N.")));
    EXPECT_EQ(read_as<bool>("I01\n."), true);
    EXPECT_EQ(read_as<bool>("I00\n."), false);
    EXPECT_EQ(read_as<bool>("\x80\x02\x88."), true);
    EXPECT_EQ(read_as<bool>("\x80\x02\x89."), false);
}

TEST(pickle, reads_integers_of_up_to_64_bits) {
    EXPECT_EQ(read_as<std::int64_t>("K\xff."), 255);
    EXPECT_EQ(read_as<std::int64_t>("M\x01\x02."), 0x0201);
    EXPECT_EQ(read_as<std::int64_t>("J\xfe\xff\xff\xff."), -2);
    EXPECT_EQ(read_as<std::int64_t>("I-12\n."), -12);
    EXPECT_EQ(read_as<std::int64_t>("L-9223372036854775808L\n."), INT64_MIN);
    EXPECT_EQ(read_as<std::int64_t>("\x8a\0."s), 0);
    EXPECT_EQ(read_as<std::int64_t>("\x8a\x01\x80."), -128);
    EXPECT_EQ(read_as<std::int64_t>("\x8a\x02\xff\0."s), 255);
    EXPECT_EQ(read_as<std::int64_t>("\x8a\x08\0\0\0\0\0\0\0\x80."s), INT64_MIN);
    EXPECT_EQ(why_not("\x8a\x09\0\0\0\0\0\0\0\0\x01."s), "too_large @0: a number of more than 64 bits");
    EXPECT_EQ(why_not("L9223372036854775808L\n."), "too_large @0: a number of more than 64 bits");
    EXPECT_EQ(why_not("I1x\n."), "malformed @0: not a number: 1x");
    EXPECT_EQ(why_not("I" + std::string(5000, '9') + "\n."), "malformed @0: a line without its end");
}

TEST(pickle, reads_floats) {
    EXPECT_EQ(read_as<double>("F-1.5\n."), -1.5);
    EXPECT_EQ(read_as<double>("F1e+16\n."), 1e16);
    EXPECT_TRUE(std::isnan(read_as<double>("Fnan\n.")));
    EXPECT_TRUE(std::isinf(read_as<double>("F-inf\n.")));
    EXPECT_EQ(read_as<double>("G\xbf\xf8\0\0\0\0\0\0."s), -1.5);
}

// --- text ---

TEST(pickle, reads_text_as_valid_utf8) {
    EXPECT_EQ(read_as<std::string>("\x8c\x03\xe6\xbc\xa2."), "\u6f22");
    EXPECT_EQ(read_as<std::string>("Vh\xe9 \\u6f22\\U0001f600\\u005cn\n."), "h\u00e9 \u6f22\U0001f600\\n");
    EXPECT_EQ(read_as<std::string>("X\0\0\0\0."s), "");
}

TEST(pickle, replaces_surrogates_in_text) {
    EXPECT_EQ(read_as<std::string>("\x8c\x05"s + "a\xed\xb3\xbf" + "b."), "a\uFFFDb");
    EXPECT_EQ(read_as<std::string>("Va\\udcffb\n."), "a\uFFFDb");
}

TEST(pickle, refuses_broken_text) {
    EXPECT_EQ(why_not("\x8c\x01\xff."), "malformed @3: what remains is no value");
    for (const auto* bad : {"Va\\n\n.", "V\\u12\n.", "V\\U00110000\n.", "V\\\n."})
        EXPECT_EQ(pickle::parse(exact_copy(bad)).error(), errc::malformed) << bad;
}

// --- bytes and arrays ---

TEST(pickle, bytes_are_a_slice_of_the_payload) {
    const auto payload = exact_copy("\x80\x03" "C\x03" "abcq\0."s);
    const auto content = std::get<shared_bytes>(pickle::parse(payload).value());
    EXPECT_EQ(content.as_text(), "abc");
    EXPECT_EQ(content.data(), payload.data() + 4);
}

TEST(pickle, reads_bytes_of_protocol_2_from_text) {
    EXPECT_EQ(read_as<shared_bytes>("c_codecs\nencode\nX\x05\0\0\0a\xc3\xbf\xc2\x80X\x06\0\0\0latin1\x86R."s).as_text(),
              "a\xff\x80");
    EXPECT_EQ(read_as<shared_bytes>("c__builtin__\nbytes\n)R."s).size(), 0u);
    // U+0100 is no byte.
    EXPECT_EQ(why_not("c_codecs\nencode\nX\x02\0\0\0\xc4\x80X\x06\0\0\0latin1\x86R."s),
              "malformed @35: a call outside the grammar");
}

/// A 2x2 array of protocol 3 without memo, with the dtype's name and flags and the end of the state in place.
std::string small_array(const std::string& end, const std::string& dtype = "u1",
                        const std::string& flags = "\x89\x88") {
    return "\x80\x03" "cnumpy.core.multiarray\n_reconstruct\n" "cnumpy\nndarray\n" "K\0\x85" "C\x01" "b\x87R"
           "(K\x01K\x02K\x02\x86" "cnumpy\ndtype\n" "X\x02\0\0\0"s + dtype + flags
           + "\x87R(K\x03X\x01\0\0\0|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"s + end;
}

TEST(pickle, reads_an_array_without_memo_or_frame) {
    const auto array = read_as<pickle::array>(small_array("\x89" "C\x04" "abcdtb."));
    EXPECT_EQ(array.shape, (std::array{2, 2, 1}));
    EXPECT_EQ(array.dimensions, 2);
    EXPECT_FALSE(array.fortran_order);
    EXPECT_EQ(array.elements.as_text(), "abcd");
}

TEST(pickle, takes_the_dtype_flags_of_older_numpy) {
    const auto state = "\x89" "C\x04" "abcdtb."s;
    EXPECT_EQ(read_as<pickle::array>(small_array(state, "u1", "K\0K\1"s)).elements.as_text(), "abcd");
    EXPECT_EQ(pickle::parse(exact_copy(small_array(state, "u1", "K\1K\0"s))).error(), errc::unsupported);
}

TEST(pickle, refuses_an_array_that_lies) {
    const auto at = [](const std::string& payload) { return " @" + std::to_string(payload.size() - 3) + ": "; };
    const auto shorter = small_array("\x89" "C\x03" "abctb.");
    EXPECT_EQ(why_not(shorter), "malformed" + at(shorter) + "a tuple outside the grammar");
    const auto not_bytes = small_array("\x89" "Ntb.");
    EXPECT_EQ(why_not(not_bytes), "unsupported" + at(not_bytes) + "a tuple outside the grammar");
    EXPECT_EQ(pickle::parse(exact_copy(small_array("\x89" "C\x04" "abcdtb.", "i1"))).error(), errc::unsupported);
    EXPECT_EQ(pickle::parse(exact_copy(small_array("\x89" "C\x04" "abcdtb.", "O8"))).error(), errc::unsupported);
}

TEST(pickle, refuses_sides_out_of_range) {
    const auto shape = [](const std::string& sides) { return why_not("(" + sides + "t."); };
    EXPECT_EQ(shape("K\x01M\x01\x10"), "too_large @6: a tuple outside the grammar");
    EXPECT_EQ(shape("K\x01K\0"s), "malformed @5: a tuple outside the grammar");
    EXPECT_EQ(shape("K\x01J\xff\xff\xff\xff"), "malformed @8: a tuple outside the grammar");
    EXPECT_EQ(shape("K\x01K\x01K\x01K\x01"), "unsupported @9: a tuple outside the grammar");
    EXPECT_EQ(shape("K\x01M\0\x10"s), "unsupported @7: what remains is no value");  // 4096 is the last good one
}

// --- pictures ---

TEST(pickle, fortran_order_is_transposed) {
    pickle::array array{{2, 3, 3}, 3, true, exact_copy("")};
    std::string elements;
    for (int channel = 0; channel < 3; ++channel)
        for (int column = 0; column < 3; ++column)
            for (int row = 0; row < 2; ++row) elements += static_cast<char>(row * 100 + column * 10 + channel);
    array.elements = exact_copy(elements);
    const auto frame = pickle::to_video_frame(array).value();
    EXPECT_EQ(frame.height, 2);
    EXPECT_EQ(frame.width, 3);
    ASSERT_EQ(frame.pixels.size(), 18u);
    for (int row = 0; row < 2; ++row)
        for (int column = 0; column < 3; ++column)
            for (int channel = 0; channel < 3; ++channel)
                EXPECT_EQ(std::to_integer<int>(frame.pixels.data()[(row * 3 + column) * 3 + channel]),
                          row * 100 + column * 10 + channel);
}

TEST(pickle, pictures_have_one_or_three_channels) {
    const auto pixels = exact_copy(std::string(12, 'x'));
    const auto colour = pickle::to_video_frame({{2, 2, 3}, 3, false, pixels}).value();
    EXPECT_EQ(colour.format, pixel_format::bgr8);
    EXPECT_EQ(colour.pixels.data(), pixels.data());
    EXPECT_EQ(pickle::to_video_frame({{3, 4, 1}, 2, false, pixels}).value().format, pixel_format::gray8);
    EXPECT_EQ(pickle::to_video_frame({{3, 4, 1}, 3, false, pixels}).value().format, pixel_format::gray8);
    EXPECT_EQ(pickle::to_video_frame({{2, 3, 2}, 3, false, pixels}).error(), errc::unsupported);
}

// --- refusals ---

TEST(pickle, names_the_first_opcode_outside_the_grammar) {
    EXPECT_EQ(why_not("cos\nsystem\n(S'id'\ntR."), "unsupported @0: os.system is outside the grammar");
    EXPECT_EQ(why_not("\x80\x04\x8c\x05posix\x94\x8c\x06system\x94\x93."),
              "unsupported @19: posix.system is outside the grammar");
    EXPECT_EQ(why_not("(S'id'\nios\nsystem\n."), "unsupported @1: opcode 0x53 is outside the grammar");
    EXPECT_EQ(why_not("(ios\nsystem\n."), "unsupported @1: opcode 0x69 is outside the grammar");
    EXPECT_EQ(why_not("]."), "unsupported @0: opcode 0x5d is outside the grammar");
    EXPECT_EQ(why_not("Pos\n."), "unsupported @0: opcode 0x50 is outside the grammar");
    EXPECT_EQ(why_not("cnumpy\nload\n."), "unsupported @0: numpy.load is outside the grammar");
    EXPECT_EQ(why_not("\x80\x04\x8c\x05numpy\x8c\x0d" "dtype.__new__\x93."),
              "unsupported @24: numpy.dtype.__new__ is outside the grammar");
    EXPECT_EQ(why_not("cnumpy\ndtype\nNR."), "unsupported @14: a call outside the grammar");
    EXPECT_EQ(why_not("cnumpy\ndtype\n."), "unsupported @13: what remains is no value");
}

TEST(pickle, a_refusal_shows_foreign_bytes_as_printable) {
    EXPECT_EQ(why_not("c\x1b[31m\na\xff\n."), "unsupported @0: ?[31m.a? is outside the grammar");
    EXPECT_EQ(why_not("c" + std::string(65, 'm') + "\na\n."), "malformed @0: a line without its end");
}

TEST(pickle, refuses_frames_of_a_wrong_length) {
    const std::string eight(7, '\0');
    EXPECT_EQ(why_not("\x80\x04\x95\x03" + eight + "K\x01."), "read");
    EXPECT_EQ(why_not("\x80\x04\x95\x04" + eight + "K\x01."), "malformed @2: a frame of a wrong length");
    EXPECT_EQ(why_not("\x80\x04\x95\x01" + eight + "K\x01."), "malformed @11: the frame is too short");
    EXPECT_EQ(why_not("\x80\x04\x95\0"s + eight + "N."), "malformed @2: a frame of a wrong length");
    EXPECT_EQ(why_not("\x80\x04\x95\x0b" + eight + "\x95\x02" + eight + "N."), "malformed @11: a frame within a frame");
    EXPECT_EQ(why_not("\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN."), "malformed @2: a frame of a wrong length");
}

TEST(pickle, refuses_what_is_not_one_value) {
    EXPECT_EQ(why_not(""), "malformed @0: the pickle is too short");
    EXPECT_EQ(why_not("."), "malformed @0: not one value at the end");
    EXPECT_EQ(why_not("NN."), "malformed @2: not one value at the end");
    EXPECT_EQ(why_not("(N."), "malformed @2: not one value at the end");
    EXPECT_EQ(why_not("N.."), "malformed @1: bytes after the end of the pickle");
    EXPECT_EQ(why_not("N\x80\x04."), "malformed @1: a protocol opcode that is not the first");
    EXPECT_EQ(why_not("\x80\x06N."), "unsupported @0: protocol 6");
    EXPECT_EQ(why_not("R."), "malformed @0: too few values on the stack");
    EXPECT_EQ(why_not("K\0K\0(\x86."s), "malformed @5: too few values on the stack");
    EXPECT_EQ(why_not("t."), "malformed @0: a tuple without a mark");
}

TEST(pickle, bounds_opcodes_memo_marks_and_stack) {
    EXPECT_EQ(why_not("N" + std::string(126, '\x94') + "."), "too_large @33: more than 32 memo entries");
    EXPECT_EQ(why_not("Nr\xff\xff\xff\xff."), "too_large @1: more than 32 memo entries");
    EXPECT_EQ(why_not("Np-1\n."), "malformed @1: not a number: -1");
    EXPECT_EQ(why_not("((((("), "too_large @4: more than 4 nested marks");
    EXPECT_EQ(why_not(std::string(17, 'N')), "too_large @16: more than 16 values on the stack");
    std::string puts = "N";
    for (int i = 0; i < 126; ++i) puts += "q\0"s;
    EXPECT_EQ(why_not(puts + "."), "read");
    EXPECT_EQ(why_not(puts + "q\0."s), "too_large @255: more than 128 opcodes");
}

TEST(pickle, the_memo_returns_literals_only) {
    EXPECT_EQ(read_as<std::string>("X\x01\0\0\0aq\0p1\nr\x02\0\0\0."s), "a");
    EXPECT_EQ(why_not("h\0."s), "malformed @0: an empty memo entry");
    EXPECT_EQ(why_not("g31\n."), "malformed @0: an empty memo entry");
    EXPECT_EQ(why_not("K\0\x85q\0h\0."s), "unsupported @5: a memo entry that is no literal");
    EXPECT_EQ(why_not("X\x21\0\0\0"s + std::string(33, 'a') + "\x94h\0."s),
              "unsupported @39: a memo entry that is no literal");
}

TEST(pickle, truncation_is_always_refused) {
    const auto written = whole(pickle::write_array({6, 4, pixel_format::bgr8, exact_copy(testing::counted_bytes(72))}));
    ASSERT_EQ(why_not(written), "read");
    for (std::size_t size = 0; size < written.size(); ++size)
        EXPECT_FALSE(pickle::parse(exact_copy(written.substr(0, size)))) << size;
}

TEST(pickle, a_changed_byte_changes_the_outcome_or_nothing_but_the_content) {
    const auto written = whole(pickle::write_array({6, 4, pixel_format::bgr8, exact_copy(testing::counted_bytes(72))}));
    for (std::size_t at = 0; at < written.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = written;
            changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
            const auto value = pickle::parse(exact_copy(changed));
            if (!value) continue;
            const auto& array = std::get<pickle::array>(*value);
            EXPECT_EQ(array.elements.size(), 72u) << at;
        }
    }
}

// --- writing ---

TEST(pickle, writes_without_copying_the_content) {
    const auto pixels = exact_copy(testing::counted_bytes(70'000));
    EXPECT_EQ(pickle::write_bytes(pixels).body.data(), pixels.data());
    EXPECT_EQ(pickle::write_array({700, 100, pixel_format::gray8, pixels}).body.data(), pixels.data());
}

TEST(pickle, writes_the_sizes_that_the_tutorials_show) {
    const auto frame = [](int width, int height) {
        const auto pixels = exact_copy(std::string(width * height * 3, 'x'));
        return pickle::write_array({width, height, pixel_format::bgr8, pixels});
    };
    EXPECT_EQ(frame(320, 240).size(), 230564u);
    EXPECT_EQ(frame(320, 240).prefix.size(), 150u);
    EXPECT_EQ(frame(640, 480).size(), 921765u);
    EXPECT_EQ(frame(640, 480).prefix.size(), 151u);
    EXPECT_EQ(pickle::write_str("hello").size(), 20u);
    EXPECT_EQ(pickle::write_bytes(exact_copy(std::string(4096, 'x'))).size(), 4114u);
    EXPECT_EQ(whole(pickle::write_none()), "\x80\x04N.");
}

}  // namespace
}  // namespace streamhost
