#include "wire/sample_bytes.hpp"

#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <gtest/gtest.h>

#include <regex>

namespace streamhost {
namespace {

using namespace std::string_literals;
using testing::exact_copy;
using testing::to_string;
namespace fs = std::filesystem;

framed::header sample_header() {
    framed::header head;
    head.flags = 0x80000001;
    head.hops = 2;
    for (std::size_t i = 0; i < head.source.boot.size(); ++i) head.source.boot[i] = static_cast<std::byte>(i);
    head.source.instance = 7;
    head.epoch = 3;
    head.sequence = 0x0102030405060708;
    head.steady_ns = -5;
    head.wall_ns = 1'700'000'000'000'000'000;
    return head;
}

/// What a reader of the stream hands to `decode`: everything behind the length, which must be right.
std::string body_of(const framed::pieces& written) {
    const auto messages = testing::split(to_string(written.prefix.span()) + to_string(written.body.span()));
    EXPECT_EQ(messages.size(), 1u);
    return messages.empty() ? std::string() : messages.front();
}

framed::message sent(const framed::payload& content) {
    return framed::decode(exact_copy(body_of(framed::encode(sample_header(), content)))).value();
}

template <class Value>
Value round_trip(const Value& content) {
    return std::get<Value>(framed::decode_payload(sent(content)).value());
}

/// The outcome of reading `content` with some bytes of it changed.
error_code error_of(const framed::payload& content, std::size_t at, std::string_view changed) {
    auto body = body_of(framed::encode(sample_header(), content));
    body.replace(at, changed.size(), changed);
    const auto message = framed::decode(exact_copy(body));
    if (!message) return message.error();
    const auto payload = framed::decode_payload(*message);
    return payload ? error_code() : payload.error();
}

const bytes plain{exact_copy("abc")};

// --- header ---

TEST(framed, the_header_survives) {
    const auto expected = sample_header();
    const auto head = sent(plain).head;
    EXPECT_EQ(head.speaks, framed::own_version);
    EXPECT_EQ(head.type, framed::message_type::bytes);
    EXPECT_EQ(head.flags, expected.flags);
    EXPECT_EQ(head.hops, expected.hops);
    EXPECT_EQ(head.source, expected.source);
    EXPECT_EQ(head.epoch, expected.epoch);
    EXPECT_EQ(head.sequence, expected.sequence);
    EXPECT_EQ(head.steady_ns, expected.steady_ns);
    EXPECT_EQ(head.wall_ns, expected.wall_ns);
}

TEST(framed, the_layout_is_the_documented_one) {
    const auto body = body_of(framed::encode(sample_header(), plain));
    ASSERT_EQ(body.size(), framed::header_size + 3);
    EXPECT_EQ(body.substr(0, 8), "SHFM\1\0\x50\0"s);
    EXPECT_EQ(body.substr(8, 8), "\6\0\2\0\1\0\0\x80"s);
    EXPECT_EQ(body.substr(16, 16), "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17"s);
    EXPECT_EQ(body.substr(32, 8), "\7\0\0\0\3\0\0\0"s);
    EXPECT_EQ(body.substr(40, 8), "\10\7\6\5\4\3\2\1"s);
    EXPECT_EQ(body.substr(48, 8), "\xfb\xff\xff\xff\xff\xff\xff\xff"s);
    EXPECT_EQ(body.substr(80), "abc");
}

TEST(framed, refuses_another_major_version_and_names_both) {
    EXPECT_EQ(error_of(plain, 4, "\2"), errc::unsupported);
    EXPECT_EQ(framed::describe_mismatch({2, 1}), "the peer speaks framed 2.1, this program speaks framed 1.0");
}

TEST(framed, takes_another_minor_version_with_a_longer_header) {
    auto body = body_of(framed::encode(sample_header(), plain));
    body[5] = 9;
    body[6] = 88;
    body.insert(80, "later on");
    const auto message = framed::decode(exact_copy(body)).value();
    EXPECT_EQ(message.head.speaks, (framed::version{1, 9}));
    EXPECT_EQ(message.payload.as_text(), "abc");
}

TEST(framed, refuses_broken_headers) {
    EXPECT_EQ(error_of(plain, 0, "X"), errc::malformed);
    EXPECT_EQ(error_of(plain, 6, "\x48"), errc::malformed);       // shorter than the header
    EXPECT_EQ(error_of(plain, 6, "\x51"), errc::malformed);       // no multiple of eight
    EXPECT_EQ(error_of(plain, 6, "\xf8\xff"), errc::malformed);   // beyond the message
    EXPECT_EQ(error_of(plain, 10, "\4"), error_code());
    EXPECT_EQ(error_of(plain, 10, "\5"), errc::circling);
    EXPECT_EQ(error_of(plain, 10, "\0\1"s), errc::circling);
}

TEST(framed, an_unknown_type_is_for_the_caller_to_skip) {
    EXPECT_EQ(error_of(plain, 8, "\xe7\3"), errc::unsupported);
    EXPECT_EQ(error_of(plain, 8, "\0"s), errc::unsupported);
}

TEST(framed, forwards_a_payload_as_it_came) {
    const auto received = sent(encoded_image{640, 480, image_codec::jpeg, exact_copy("JPEG")});
    auto head = received.head;
    ++head.hops;
    const auto written = framed::forward(head, received.payload);
    EXPECT_EQ(written.body.data(), received.payload.data());
    const auto again = framed::decode(exact_copy(body_of(written))).value();
    EXPECT_EQ(again.head.hops, 3);
    EXPECT_EQ(again.head.format, received.head.format);
    EXPECT_EQ(std::get<encoded_image>(framed::decode_payload(again).value()).width, 640);
}

TEST(framed, truncation_and_single_bits_never_break_it) {
    for (const auto& content :
         {framed::payload(plain), framed::payload(text{"hello", "bob"}), framed::payload(framed::ping{5}),
          framed::payload(framed::user_value{"soil.reading", 2, exact_copy("data")}),
          framed::payload(record{{{"a", 1}}})}) {
        const auto body = body_of(framed::encode(sample_header(), content));
        for (std::size_t size = 0; size < framed::header_size; ++size)
            EXPECT_EQ(framed::decode(exact_copy(body.substr(0, size))).error(), errc::malformed);
        for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
            auto changed = body;
            changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
            const auto message = framed::decode(exact_copy(changed));
            if (message) (void)framed::decode_payload(*message);
        }
    }
}

// --- payloads ---

TEST(framed, video_frames) {
    const auto pixels = exact_copy(testing::counted_bytes(24));
    const auto frame = round_trip(video_frame{4, 2, pixel_format::bgr8, pixels});
    EXPECT_EQ(frame.width, 4);
    EXPECT_EQ(frame.height, 2);
    EXPECT_EQ(frame.format, pixel_format::bgr8);
    EXPECT_EQ(frame.pixels.as_text(), pixels.as_text());
    EXPECT_EQ(framed::encode({}, video_frame{4, 2, pixel_format::bgr8, pixels}).body.data(), pixels.data());

    const framed::payload good = video_frame{4, 2, pixel_format::bgr8, pixels};
    EXPECT_EQ(error_of(good, 64, "\5"), errc::malformed);
    EXPECT_EQ(error_of(good, 64, "\0"s), errc::malformed);
    EXPECT_EQ(error_of(good, 64, "\1\x10"), errc::too_large);
    EXPECT_EQ(error_of(good, 64, "\xff\xff\xff\xff\xff\xff\xff\xff"), errc::too_large);
    EXPECT_EQ(error_of(good, 72, "\3"), errc::unsupported);
    EXPECT_EQ(error_of(good, 72, "\2"), errc::malformed);  // gray would be 8 bytes
}

TEST(framed, encoded_images) {
    const encoded_image original{640, 480, image_codec::jpeg, exact_copy("JPEG")};
    const auto image = round_trip(original);
    EXPECT_EQ(image.width, 640);
    EXPECT_EQ(image.height, 480);
    EXPECT_EQ(image.data.as_text(), "JPEG");
    EXPECT_EQ(error_of(original, 64, "\0\0"s), errc::malformed);
    EXPECT_EQ(error_of(original, 66, "\1"), errc::too_large);
    EXPECT_EQ(error_of(original, 72, "\2"), errc::unsupported);
    EXPECT_EQ(framed::decode_payload(sent(encoded_image{1, 1, image_codec::jpeg, {}})).error(), errc::malformed);
}

TEST(framed, audio_blocks) {
    const audio_block original{44100, 2, sample_format::s16, exact_copy(std::string(16, 'a'))};
    const auto block = round_trip(original);
    EXPECT_EQ(block.rate, 44100);
    EXPECT_EQ(block.channels, 2);
    EXPECT_EQ(block.format, sample_format::s16);
    EXPECT_EQ(block.samples.size(), 16u);
    EXPECT_EQ(error_of(original, 64, "\0\0\0\0"s), errc::malformed);
    EXPECT_EQ(error_of(original, 66, "\xff"), errc::too_large);
    EXPECT_EQ(error_of(original, 68, "\0"s), errc::malformed);
    EXPECT_EQ(error_of(original, 68, "\x41"), errc::too_large);
    EXPECT_EQ(error_of(original, 68, "\3"), errc::malformed);  // 16 bytes are no whole frames of 3 samples
    EXPECT_EQ(error_of(original, 72, "\3"), errc::unsupported);
}

TEST(framed, text) {
    const auto said = round_trip(text{"h\u00e9llo", "bob"});
    EXPECT_EQ(said.line, "h\u00e9llo");
    EXPECT_EQ(said.sender, "bob");
    EXPECT_EQ(round_trip(text{}).line, "");
    const auto whispered = round_trip(text{"psst", "", "10.0.0.2:4711"});
    EXPECT_EQ(whispered.line, "psst");
    EXPECT_EQ(whispered.sender, "");
    EXPECT_EQ(whispered.recipient, "10.0.0.2:4711");
    const text original{"hello", "bob"};
    EXPECT_EQ(error_of(original, 64, "\4"), errc::malformed);
    EXPECT_EQ(error_of(original, 64, "\xff\xff\xff\xff\x09"), errc::malformed);
    EXPECT_EQ(error_of(original, 80, "\xff"), errc::malformed);
    EXPECT_EQ(error_of(original, 87, "\xff"), errc::malformed);
    EXPECT_EQ(error_of(text{"\u00e9", "\u00e9"}, 64, "\1\0\0\0\3"s), errc::malformed);  // cut within a code point
}

TEST(framed, records) {
    const boost::json::value value{{"moisture", 0.25}, {"at", {1, 2, nullptr}}};
    EXPECT_EQ(round_trip(record{value}).value, value);
    EXPECT_EQ(error_of(record{value}, 80, "["), errc::malformed);
    auto deep = [](std::size_t depth) {
        framed::header head;
        head.type = framed::message_type::record;
        return framed::decode_payload({head, exact_copy(std::string(depth, '[') + std::string(depth, ']'))});
    };
    EXPECT_TRUE(deep(framed::max_record_depth));
    EXPECT_EQ(deep(framed::max_record_depth + 1).error(), errc::too_large);
}

TEST(framed, values_of_a_module_s_own_type) {
    for (const auto& name : {"a"s, "soil.reading"s, "12345678"s, std::string(64, 'n')}) {
        const auto value = round_trip(framed::user_value{name, 2, exact_copy("data")});
        EXPECT_EQ(value.name, name);
        EXPECT_EQ(value.version, 2u);
        EXPECT_EQ(value.data.as_text(), "data");
    }
    const framed::user_value original{"soil.reading", 2, exact_copy("data")};
    EXPECT_EQ(error_of(original, 68, "\0"s), errc::malformed);
    EXPECT_EQ(error_of(original, 68, "\x41"), errc::malformed);
    EXPECT_EQ(error_of(original, 68, "\x20"), errc::malformed);
    EXPECT_EQ(error_of(original, 80, "/"), errc::malformed);
}

TEST(framed, pings_and_ends) {
    EXPECT_EQ(round_trip(framed::ping{-5}), framed::ping{-5});
    EXPECT_EQ(round_trip(framed::pong{1, -2, 3}), (framed::pong{1, -2, 3}));
    EXPECT_EQ(round_trip(framed::end_of_stream{"end of file"}).text, "end of file");
    EXPECT_EQ(round_trip(framed::failure{""}).text, "");
    EXPECT_EQ(error_of(framed::failure{"oh"}, 80, "\xff"), errc::malformed);
    EXPECT_EQ(error_of(framed::ping{5}, 8, "\x21"), errc::malformed);
    EXPECT_EQ(error_of(framed::pong{1, 2, 3}, 8, "\x20"), errc::malformed);
}

TEST(framed, announcements) {
    const framed::announce offered{"scan", framed::message_type::user, "acme.scan", 3};
    const auto back = round_trip(offered);
    EXPECT_EQ(back.name, "scan");
    EXPECT_EQ(back.type, framed::message_type::user);
    EXPECT_EQ(back.user_type, "acme.scan");
    EXPECT_EQ(back.user_version, 3u);
    EXPECT_EQ(round_trip(framed::announce{"readings", framed::message_type::record}).name, "readings");
    EXPECT_EQ(round_trip(framed::announce{"later", static_cast<framed::message_type>(12)}).type,
              static_cast<framed::message_type>(12));
    EXPECT_EQ(error_of(offered, 64, "\0\0\0\0"s), errc::malformed);          // no type
    EXPECT_EQ(error_of(offered, 64, "\5\0\0\0"s), errc::malformed);          // a record has no name of its own
    EXPECT_EQ(error_of(offered, 72, "\5\0\0\0"s), errc::malformed);          // sizes that do not fit
    EXPECT_EQ(error_of(offered, 72, "\xff\xff\xff\xff"), errc::malformed);
    EXPECT_EQ(error_of(offered, 80, " "), errc::malformed);                   // no name
    EXPECT_EQ(error_of(offered, 84, " "), errc::malformed);                   // no name of a type
}

TEST(framed, a_channel_makes_the_header_longer) {
    auto head = sample_header();
    head.channel = 64;
    const auto body = body_of(framed::encode(head, plain));
    ASSERT_EQ(body.size(), framed::channel_header_size + 3);
    EXPECT_EQ(body.substr(6, 2), "\x58\0"s);
    EXPECT_EQ(body.substr(80, 8), "\x40\0\0\0\0\0\0\0"s);
    const auto message = framed::decode(exact_copy(body)).value();
    EXPECT_EQ(message.head.channel, 64u);
    EXPECT_EQ(message.payload.as_text(), "abc");
    EXPECT_EQ(sent(plain).head.channel, 0u);
}

TEST(framed, a_channel_can_be_added_to_what_is_written) {
    for (const auto& content : {framed::payload(plain), framed::payload(framed::user_value{"soil.reading", 2, exact_copy("data")})}) {
        auto head = sample_header();
        const auto without = framed::encode(head, content);
        const auto with = framed::with_channel(without, 9);
        head.channel = 9;
        EXPECT_EQ(body_of(with), body_of(framed::encode(head, content)));
        EXPECT_EQ(with.body.data(), without.body.data()) << "shared";
    }
}

TEST(framed, names) {
    for (const auto* good : {"a", "Front-camera_2.raw"}) EXPECT_TRUE(framed::is_name(good));
    EXPECT_TRUE(framed::is_name(std::string(64, 'a')));
    for (const auto* bad : {"", "a b", "a/b", "\u00e9", "a\n"}) EXPECT_FALSE(framed::is_name(bad));
    EXPECT_FALSE(framed::is_name(std::string(65, 'a')));
}

// --- the session's opening ---

std::string as_text(const std::vector<std::byte>& content) { return to_string(content); }

result<framed::hello> read_hello(std::string_view content) {
    return framed::decode_hello(exact_copy(content).span());
}

result<framed::answer> read_answer(std::string_view content) {
    return framed::decode_answer(exact_copy(content).span());
}

const framed::hello sample_hello{{}, 5, "front", {std::byte{0}, std::byte{0xff}}};

framed::answer sample_answer() {
    framed::answer answer;
    answer.accepted = true;
    answer.stream = "front";
    answer.type = framed::message_type::user;
    answer.user_type = "soil.reading";
    answer.user_version = 2;
    answer.source = sample_header().source;
    answer.wall_ns = 1'700'000'000'000'000'000;
    return answer;
}

TEST(framed_opening, hellos_survive) {
    const auto hello = read_hello(as_text(framed::encode(sample_hello))).value();
    EXPECT_EQ(hello.speaks, framed::own_version);
    EXPECT_EQ(hello.flags, 5u);
    EXPECT_EQ(hello.stream, "front");
    EXPECT_EQ(hello.token, sample_hello.token);
    EXPECT_EQ(as_text(framed::encode(framed::hello{})).size(), 16u);
}

TEST(framed_opening, answers_survive) {
    const auto answer = read_answer(as_text(framed::encode(sample_answer()))).value();
    EXPECT_TRUE(answer.accepted);
    EXPECT_EQ(answer.stream, "front");
    EXPECT_EQ(answer.type, framed::message_type::user);
    EXPECT_EQ(answer.user_type, "soil.reading");
    EXPECT_EQ(answer.user_version, 2u);
    EXPECT_EQ(answer.source, sample_header().source);
    EXPECT_EQ(answer.wall_ns, 1'700'000'000'000'000'000);
    EXPECT_EQ(answer.refusal, "");
}

TEST(framed_opening, a_long_refusal_is_cut_between_code_points) {
    framed::answer no;
    for (int i = 0; i < 400; ++i) no.refusal += "\u00e9";
    const auto longer = read_answer(as_text(framed::encode(no))).value();
    EXPECT_FALSE(longer.accepted);
    EXPECT_EQ(longer.refusal, no.refusal.substr(0, framed::max_refusal));
    no.refusal.insert(0, "x");
    EXPECT_EQ(read_answer(as_text(framed::encode(no))).value().refusal, no.refusal.substr(0, framed::max_refusal - 1));
}

TEST(framed_opening, the_largest_fit_into_the_limit) {
    framed::hello hello{{}, 0, std::string(64, 's'), std::vector<std::byte>(framed::max_token)};
    EXPECT_LE(framed::encode(hello).size(), framed::max_opening_size);
    auto answer = sample_answer();
    answer.stream = answer.user_type = std::string(64, 's');
    answer.refusal = std::string(1000, 'r');
    EXPECT_LE(framed::encode(answer).size(), framed::max_opening_size);
}

TEST(framed_opening, eight_bytes_say_the_version_and_the_size) {
    const auto start_of = [](std::string content) {
        const auto copy = exact_copy(content);
        return framed::decode_hello_start(copy.span().first<framed::opening_start_size>());
    };
    EXPECT_EQ(start_of("SHFH\2\7\x10\0"s).value().speaks, (framed::version{2, 7}));
    EXPECT_EQ(start_of("SHFH\2\7\0\4"s).value().size, framed::max_opening_size);
    EXPECT_EQ(start_of("SHFH\1\0\1\4"s).error(), errc::too_large);
    EXPECT_EQ(start_of("SHFH\1\0\7\0"s).error(), errc::malformed);
    EXPECT_EQ(start_of("SHFA\1\0\x40\0"s).error(), errc::malformed);
    EXPECT_EQ(start_of("GET / HT").error(), errc::malformed);
}

TEST(framed_opening, refuses_another_major_version) {
    auto hello = as_text(framed::encode(sample_hello));
    hello[4] = 2;
    EXPECT_EQ(read_hello(hello).error(), errc::unsupported);
    auto answer = as_text(framed::encode(sample_answer()));
    answer[4] = 0;
    EXPECT_EQ(read_answer(answer).error(), errc::unsupported);
}

TEST(framed_opening, takes_what_a_later_minor_version_adds) {
    auto hello = as_text(framed::encode(sample_hello)) + "more";
    hello[5] = 1;
    hello[6] = static_cast<char>(hello.size());
    EXPECT_EQ(read_hello(hello).value().stream, "front");
}

TEST(framed_opening, refuses_broken_ones) {
    const auto hello = as_text(framed::encode(sample_hello));
    const auto changed = [](std::string content, std::size_t at, std::string_view with) {
        return content.replace(at, with.size(), with);
    };
    EXPECT_EQ(read_hello(changed(hello, 12, "\xff")).error(), errc::malformed);       // the name ends beyond the end
    EXPECT_EQ(read_hello(changed(hello, 14, "\1\2")).error(), errc::too_large);       // 513 bytes of token
    EXPECT_EQ(read_hello(changed(hello, 16, "/")).error(), errc::malformed);
    EXPECT_EQ(read_hello(hello + "x").error(), errc::malformed);                      // the size says otherwise
    const auto answer = as_text(framed::encode(sample_answer()));
    EXPECT_EQ(read_answer(changed(answer, 50, "\0"s)).error(), errc::malformed);      // a user type without its name
    EXPECT_EQ(read_answer(changed(answer, 64, "/")).error(), errc::malformed);
    EXPECT_EQ(read_answer(changed(answer, 69, "/")).error(), errc::malformed);
    EXPECT_EQ(read_answer(changed(answer, 14, "\2")).error(), errc::malformed);       // a name without a user type
    for (std::size_t size = 0; size < hello.size(); ++size) EXPECT_FALSE(read_hello(hello.substr(0, size)));
    for (std::size_t size = 0; size < answer.size(); ++size) EXPECT_FALSE(read_answer(answer.substr(0, size)));
}

// --- written by others ---

TEST(framed_corpus, is_read_or_refused_as_its_names_say) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(STREAMHOST_FUZZ_FOLDER) / "corpus/framed")) {
        const auto name = entry.path().filename().string();
        const auto content = testing::read_file(entry.path());
        const auto message = framed::decode(exact_copy(content));
        const bool read = read_hello(content).has_value() || read_answer(content).has_value()
                          || (message && framed::decode_payload(*message));
        EXPECT_EQ(read, !name.starts_with("refused_")) << name;
        ++count;
    }
    EXPECT_GT(count, 30);
}

/// The bytes of the block of docs/wire.md that follows `<!-- example: NAME -->`; the text after two spaces and a # is
/// explanation.
std::string documented(const std::string& name) {
    const auto document = testing::read_file(STREAMHOST_WIRE_DOCUMENT);
    const auto at = document.find("<!-- example: " + name + " -->");
    EXPECT_NE(at, std::string::npos) << name;
    const auto begin = document.find("```text\n", at) + 8;
    auto block = document.substr(begin, document.find("```", begin) - begin);
    block = std::regex_replace(block, std::regex("#[^\n]*|\\s"), "");
    std::string content;
    for (std::size_t i = 0; i + 1 < block.size(); i += 2)
        content += static_cast<char>(std::stoi(block.substr(i, 2), nullptr, 16));
    return content;
}

TEST(framed_document, the_examples_are_what_is_written) {
    EXPECT_EQ(documented("hello"), as_text(framed::encode(framed::hello{{}, 0, "front", {}})));

    framed::answer answer;
    answer.accepted = true;
    answer.stream = "front";
    answer.type = framed::message_type::video_frame;
    answer.source = sample_header().source;
    answer.wall_ns = 1'700'000'000'000'000'000;
    EXPECT_EQ(documented("answer"), as_text(framed::encode(answer)));

    framed::header head;
    head.source = sample_header().source;
    head.epoch = 1;
    head.sequence = 42;
    head.steady_ns = 5'000'000'000;
    head.wall_ns = 1'700'000'000'000'000'000;
    const auto written = framed::encode(head, video_frame{2, 1, pixel_format::bgr8, exact_copy("BGRbgr")});
    EXPECT_EQ(documented("message"), to_string(written.prefix.span()) + to_string(written.body.span()));
}

}  // namespace
}  // namespace streamhost
