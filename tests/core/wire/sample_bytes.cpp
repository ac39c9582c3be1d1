#include "wire/sample_bytes.hpp"

#include <streamhost/wire/length_prefix.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace streamhost::testing {

shared_bytes exact_copy(std::string_view content) {
    const auto bytes = std::as_bytes(std::span(content));
    return shared_bytes::adopt(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

std::string to_string(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string counted_bytes(std::size_t count) {
    std::string made(count, '\0');
    for (std::size_t k = 0; k < count; ++k) made[k] = static_cast<char>(7 * k + 3);
    return made;
}

std::string counted_text(std::size_t count) {
    std::string made(count, '\0');
    for (std::size_t k = 0; k < count; ++k) made[k] = static_cast<char>(33 + k % 90);
    return made;
}

std::vector<std::string> split(std::string_view stream) {
    std::vector<std::string> messages;
    while (!stream.empty()) {
        const auto bytes = std::as_bytes(std::span(stream));
        if (bytes.size() < length_prefix::size) {
            ADD_FAILURE() << "a length is cut";
            break;
        }
        const auto length = length_prefix::decode(bytes.first<length_prefix::size>(), stream.size());
        if (!length || length_prefix::size + *length > stream.size()) {
            ADD_FAILURE() << "a message is cut";
            break;
        }
        messages.emplace_back(stream.substr(length_prefix::size, *length));
        stream.remove_prefix(length_prefix::size + *length);
    }
    return messages;
}

std::string python_with_numpy() {
    for (const std::string candidate : {"python3", "/usr/bin/python3"})
        if (std::system((candidate + " -c 'import numpy' 2>/dev/null").c_str()) == 0) return candidate;
    return {};
}

std::string output_of(const std::string& command) {
    std::string output;
    FILE* pipe = popen(command.c_str(), "r");
    if (!pipe) {
        ADD_FAILURE() << command;
        return output;
    }
    char chunk[65536];
    while (const auto got = std::fread(chunk, 1, sizeof(chunk), pipe)) output.append(chunk, got);
    EXPECT_EQ(pclose(pipe), 0) << command;
    return output;
}

}  // namespace streamhost::testing
