#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace streamhost {

/// An immutable run of bytes that shares the ownership of the buffer it lies in. A received payload is a slice of the
/// buffer that it arrived in, so handing it on copies nothing. Cheap to copy; safe to read from any thread.
class shared_bytes {
public:
    shared_bytes() = default;
    /// `bytes` must stay valid and unchanged for as long as `owner` lives.
    shared_bytes(std::shared_ptr<const void> owner, std::span<const std::byte> bytes)
        : owner_(std::move(owner)), bytes_(bytes) {}

    /// Takes over a contiguous container (`std::vector<std::byte>`, `std::string`) without copying its content.
    template <class Container>
    static shared_bytes adopt(Container content) {
        auto owner = std::make_shared<const Container>(std::move(content));
        auto bytes = std::as_bytes(std::span(owner->data(), owner->size()));
        return {std::move(owner), bytes};
    }

    std::span<const std::byte> span() const noexcept { return bytes_; }
    const std::byte* data() const noexcept { return bytes_.data(); }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }

    /// Part of these bytes, sharing the same owner. Requires `offset + count <= size()`.
    shared_bytes slice(std::size_t offset, std::size_t count) const { return {owner_, bytes_.subspan(offset, count)}; }

    std::string_view as_text() const noexcept {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }

private:
    std::shared_ptr<const void> owner_;
    std::span<const std::byte> bytes_;
};

}  // namespace streamhost
