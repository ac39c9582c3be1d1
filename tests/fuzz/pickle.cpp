// Any bytes: refused or read; what was read is written and read again, and must be the same.
#include <streamhost/assert.hpp>
#include <streamhost/wire/pickle.hpp>
#include <streamhost/wire/utf8.hpp>

#include <algorithm>
#include <vector>

namespace sh = streamhost;
namespace pickle = streamhost::pickle;

namespace {

sh::shared_bytes copy_of(std::span<const std::byte> bytes) {
    return sh::shared_bytes::adopt(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

pickle::value read_back(const pickle::pieces& written) {
    std::vector<std::byte> whole;
    for (const auto& piece : {written.prefix, written.body, written.suffix})
        whole.insert(whole.end(), piece.span().begin(), piece.span().end());
    auto again = pickle::parse(copy_of(whole));
    STREAMHOST_ASSERT(again.has_value());
    return *again;
}

struct round_trip {
    void operator()(pickle::none) const { read_back(pickle::write_none()); }
    void operator()(bool) const {}
    void operator()(std::int64_t) const {}
    void operator()(double) const {}
    void operator()(const std::string& text) const {
        STREAMHOST_ASSERT(sh::utf8::is_valid(text));
        STREAMHOST_ASSERT(std::get<std::string>(read_back(pickle::write_str(text))) == text);
    }
    void operator()(const sh::shared_bytes& content) const {
        const auto again = std::get<sh::shared_bytes>(read_back(pickle::write_bytes(content)));
        STREAMHOST_ASSERT(std::ranges::equal(again.span(), content.span()));
    }
    void operator()(const pickle::array& array) const {
        const auto frame = pickle::to_video_frame(array);
        if (!frame) return;
        const auto again = std::get<pickle::array>(read_back(pickle::write_array(*frame)));
        STREAMHOST_ASSERT(again.shape == array.shape && !again.fortran_order);
        STREAMHOST_ASSERT(std::ranges::equal(again.elements.span(), frame->pixels.span()));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto payload = copy_of(std::as_bytes(std::span(data, size)));
    pickle::refusal why;
    const auto value = pickle::parse(payload, &why);
    if (value) {
        std::visit(round_trip{}, *value);
    } else {
        STREAMHOST_ASSERT(why.reason == value.error() && why.offset <= size && !why.text.empty());
        STREAMHOST_ASSERT(std::ranges::all_of(why.text, [](char c) { return c >= 0x20 && c < 0x7F; }));
    }
    return 0;
}
