#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/media.hpp>
#include <streamhost/message_type.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace streamhost {

/// Where a message was born. Two hosts of one machine share `boot`, and so the steady clock.
struct message_origin {
    std::array<std::byte, 16> boot{};  ///< the kernel's boot id
    std::uint32_t instance = 0;        ///< unique among the instances of that boot, as far as chance allows

    friend bool operator==(const message_origin&, const message_origin&) = default;
};

/// What travels with every payload, from its source through every host on the way.
struct message_header {
    message_origin origin;
    std::uint32_t epoch = 0;      ///< rises each time the source restarts
    std::uint64_t sequence = 0;   ///< rises by one with each message of the output; survives restarts
    std::int64_t steady_ns = 0;   ///< when the payload came into being, on the steady clock of `origin.boot`
    std::int64_t wall_ns = 0;     ///< the same moment, ns since 1970, for labels
    int hops = 0;                 ///< hosts passed on the way here

    /// `steady_ns` by the steady clock of the host that reads it, and how far it may be off; never on a wire. Nothing
    /// where the machine's clock is not known here.
    std::optional<std::int64_t> local_ns;
    std::int64_t uncertainty_ns = 0;

    /// The time since the payload came into being, never below zero; nothing where that is not known.
    std::optional<std::int64_t> age_ns(std::int64_t now_ns) const noexcept {
        if (!local_ns) return std::nullopt;
        // Without signs: what a peer claims as its time may be anything.
        return std::max<std::int64_t>(0, static_cast<std::int64_t>(static_cast<std::uint64_t>(now_ns) -
                                                                   static_cast<std::uint64_t>(*local_ns)));
    }
};

/// Size for the byte limits of queues; a type of your own may overload it beside its definition.
template <class T>
std::size_t payload_bytes(const T&) {
    return sizeof(T);
}
inline std::size_t payload_bytes(const video_frame& f) { return f.pixels.size(); }
inline std::size_t payload_bytes(const encoded_image& i) { return i.data.size(); }
inline std::size_t payload_bytes(const audio_block& b) { return b.samples.size(); }
inline std::size_t payload_bytes(const text& t) { return t.line.size() + t.sender.size() + t.recipient.size(); }
inline std::size_t payload_bytes(const bytes& b) { return b.data.size(); }

/// A message of any type: what links store. Copies share the payload.
struct envelope {
    message_header header;
    const message_type* type = nullptr;
    std::shared_ptr<const void> payload;
    std::size_t size = 0;           ///< bytes of the payload
    std::int64_t arrived_ns = 0;    ///< when this host got or made it, on its own steady clock: ages use this

    explicit operator bool() const noexcept { return payload != nullptr; }
};

/// One immutable message of type `T`; empty where an input has ended. Cheap to copy, safe to read from any thread.
template <class T>
class message {
public:
    message() = default;
    explicit message(envelope content) : envelope_(std::move(content)) {}

    explicit operator bool() const noexcept { return static_cast<bool>(envelope_); }
    const T& operator*() const noexcept { return *get(); }
    const T* operator->() const noexcept { return get(); }
    const T* get() const noexcept { return static_cast<const T*>(envelope_.payload.get()); }
    const message_header& header() const noexcept { return envelope_.header; }
    std::int64_t arrived_ns() const noexcept { return envelope_.arrived_ns; }
    const envelope& as_envelope() const noexcept { return envelope_; }

private:
    envelope envelope_;
};

/// Wraps a payload; the output that sends it fills in the header.
template <class T>
envelope make_envelope(T payload) {
    envelope result;
    result.type = &type_of<T>();
    result.size = payload_bytes(payload);
    result.payload = std::make_shared<const T>(std::move(payload));
    return result;
}

}  // namespace streamhost
