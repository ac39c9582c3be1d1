#pragma once

#include <streamhost/message_type.hpp>

#include <cstdint>
#include <cstring>
#include <vector>

namespace streamhost::test {

/// A type as the author of a module would bring it: distances around a robot.
struct scan {
    std::uint32_t number = 0;
    std::vector<float> ranges{};
};

}  // namespace streamhost::test

template <>
struct streamhost::message_traits<streamhost::test::scan> {
    static constexpr std::string_view name = "acme.scan";
    static constexpr std::uint32_t version = 3;

    static shared_bytes encode(const test::scan& value) {
        std::vector<std::byte> data(sizeof value.number + value.ranges.size() * sizeof(float));
        std::memcpy(data.data(), &value.number, sizeof value.number);
        if (!value.ranges.empty()) {
            std::memcpy(data.data() + sizeof value.number, value.ranges.data(), value.ranges.size() * sizeof(float));
        }
        return shared_bytes::adopt(std::move(data));
    }

    static result<test::scan> decode(const shared_bytes& data) {
        test::scan value;
        if (data.size() < sizeof value.number || data.size() % sizeof(float) != 0) return errc::malformed;
        std::memcpy(&value.number, data.data(), sizeof value.number);
        value.ranges.resize((data.size() - sizeof value.number) / sizeof(float));
        if (!value.ranges.empty()) {
            std::memcpy(value.ranges.data(), data.data() + sizeof value.number, value.ranges.size() * sizeof(float));
        }
        return value;
    }
};
