// Any bytes as a hello, an answer and a message: refused or read; what was read is written and read again, and must be
// the same.
#include <streamhost/assert.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire/length_prefix.hpp>

#include <algorithm>
#include <vector>

namespace sh = streamhost;
namespace framed = streamhost::framed;

namespace {

void check_hello(std::span<const std::byte> bytes) {
    const auto hello = framed::decode_hello(bytes);
    if (!hello) return;
    const auto again = framed::decode_hello(framed::encode(*hello));
    STREAMHOST_ASSERT(again && again->flags == hello->flags && again->stream == hello->stream);
    STREAMHOST_ASSERT(again->token == hello->token);
}

void check_answer(std::span<const std::byte> bytes) {
    const auto answer = framed::decode_answer(bytes);
    if (!answer) return;
    const auto again = framed::decode_answer(framed::encode(*answer));
    STREAMHOST_ASSERT(again && again->stream == answer->stream && again->type == answer->type);
    STREAMHOST_ASSERT(again->source == answer->source && again->wall_ns == answer->wall_ns);
    STREAMHOST_ASSERT(answer->refusal.starts_with(again->refusal));
}

framed::message read_back(const framed::pieces& written) {
    std::vector<std::byte> whole(written.prefix.span().begin(), written.prefix.span().end());
    whole.insert(whole.end(), written.body.span().begin(), written.body.span().end());
    const auto length =
        sh::length_prefix::decode(std::span(whole).first<sh::length_prefix::size>(), whole.size());
    STREAMHOST_ASSERT(length && *length + sh::length_prefix::size == whole.size());
    whole.erase(whole.begin(), whole.begin() + sh::length_prefix::size);
    auto again = framed::decode(sh::shared_bytes::adopt(std::move(whole)));
    STREAMHOST_ASSERT(again.has_value());
    return *again;
}

void check_message(const sh::shared_bytes& body) {
    const auto message = framed::decode(body);
    if (!message) return;
    const auto forwarded = read_back(framed::forward(message->head, message->payload));
    STREAMHOST_ASSERT(forwarded.head.type == message->head.type && forwarded.head.source == message->head.source);
    STREAMHOST_ASSERT(std::ranges::equal(forwarded.payload.span(), message->payload.span()));
    const auto payload = framed::decode_payload(*message);
    if (!payload) return;
    const auto again = framed::decode_payload(read_back(framed::encode(message->head, *payload)));
    STREAMHOST_ASSERT(again && again->index() == payload->index());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    check_hello(bytes);
    check_answer(bytes);
    check_message(sh::shared_bytes::adopt(std::vector<std::byte>(bytes.begin(), bytes.end())));
    return 0;
}
