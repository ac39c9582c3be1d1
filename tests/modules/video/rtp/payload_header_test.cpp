#include "rtp/payload_header.hpp"

#include "sample_pictures.hpp"

#include <gtest/gtest.h>

namespace streamhost::video::rtp {
namespace {

using test::byte_vector;

byte_vector bytes(std::initializer_list<int> values, std::size_t more = 0) {
    byte_vector result;
    for (const int value : values) result.push_back(static_cast<std::byte>(value));
    result.resize(result.size() + more, std::byte{1});
    return result;
}

payload_problem problem_of(const byte_vector& from) {
    const auto read = read_payload(from);
    const auto* const problem = std::get_if<payload_problem>(&read);
    EXPECT_NE(problem, nullptr) << "it was taken";
    return problem == nullptr ? payload_problem{255} : *problem;
}

TEST(rtp_payload_header, is_read_as_rfc_2435_draws_it) {
    const auto from = bytes({0, 0x01, 0x02, 0x03, 65, 60, 40, 30, 0, 5, 0xFF, 0xFF, 0x99});
    const auto read = std::get<payload>(read_payload(from));
    EXPECT_EQ(read.header.offset, 0x010203u);
    EXPECT_EQ(read.header.sampling, carried_sampling::yuv420);
    EXPECT_EQ(read.header.quality, 60);
    EXPECT_EQ(read.header.columns, 40);
    EXPECT_EQ(read.header.rows, 30);
    EXPECT_EQ(read.header.restart_interval, 5);
    ASSERT_EQ(read.data.size(), 1u);
    EXPECT_EQ(read.data[0], std::byte{0x99});
}

TEST(rtp_payload_header, tables_are_in_the_first_packet_only) {
    for (const std::size_t size : {64, 128}) {
        const auto from = bytes({0, 0, 0, 0, 0, 255, 40, 30, 0, 0, 0, static_cast<int>(size)}, size + 10);
        const auto read = std::get<payload>(read_payload(from));
        EXPECT_EQ(read.header.tables.size(), size);
        EXPECT_EQ(read.data.size(), 10u);
    }
    const auto later = std::get<payload>(read_payload(bytes({0, 0, 0, 9, 0, 255, 40, 30}, 10)));
    EXPECT_TRUE(later.header.tables.empty());
    EXPECT_EQ(later.data.size(), 10u);
    const auto known = std::get<payload>(read_payload(bytes({0, 0, 0, 0, 0, 200, 40, 30, 0, 0, 0, 0}, 10)));
    EXPECT_TRUE(known.header.tables.empty());
}

TEST(rtp_payload_header, says_why_a_payload_is_not_taken) {
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 60, 40})), payload_problem::truncated);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 65, 60, 40, 30, 0, 5, 0})), payload_problem::truncated);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 255, 40, 30, 0, 0, 0})), payload_problem::truncated);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 255, 40, 30, 0, 0, 0, 128}, 127)), payload_problem::truncated);
    EXPECT_EQ(problem_of(bytes({1, 0, 0, 0, 1, 60, 40, 30}, 9)), payload_problem::interlaced);
    for (const int type : {2, 3, 63, 66, 127, 128, 193})
        EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, type, 60, 40, 30}, 9)), payload_problem::kind) << type;
    for (const int quality : {0, 100, 127})
        EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, quality, 40, 30}, 9)), payload_problem::quality) << quality;
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 60, 0, 30}, 9)), payload_problem::no_size);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 60, 40, 0}, 9)), payload_problem::no_size);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 255, 40, 30, 0, 0, 0, 0}, 9)), payload_problem::tables);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 255, 40, 30, 0, 1, 0, 128}, 200)), payload_problem::tables);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 255, 40, 30, 0, 0, 0, 192}, 200)), payload_problem::tables);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 65, 60, 40, 30, 0, 0, 0, 0}, 9)), payload_problem::no_restart);
    EXPECT_EQ(problem_of(bytes({0, 0, 0, 0, 1, 60, 40, 30})), payload_problem::no_data);
    for (int i = 0; i <= static_cast<int>(payload_problem::no_data); ++i)
        EXPECT_FALSE(to_text(static_cast<payload_problem>(i)).empty());
}

TEST(rtp_payload_header, what_is_written_is_read) {
    const byte_vector tables(128, std::byte{3});
    for (const std::uint16_t interval : {0, 77}) {
        for (const std::uint32_t offset : {0U, 0xABCDEFU}) {
            payload_header header;
            header.offset = offset;
            header.sampling = carried_sampling::yuv422;
            header.columns = 255;
            header.rows = 1;
            header.restart_interval = interval;
            header.tables = tables;
            byte_vector written(payload_header_bytes(header) + 1);
            write_payload_header(written.data(), header);
            const auto read = std::get<payload>(read_payload(written));
            EXPECT_TRUE(read.header.same_picture(header));
            EXPECT_EQ(read.header.offset, offset);
            EXPECT_EQ(read.header.tables.size(), offset == 0 ? 128u : 0u);
            EXPECT_EQ(read.data.size(), 1u);
        }
    }
}

}  // namespace
}  // namespace streamhost::video::rtp
