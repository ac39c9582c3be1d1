#pragma once

#include <streamhost/bytes.hpp>
#include <streamhost/media.hpp>
#include <streamhost/queue_policy.hpp>
#include <streamhost/result.hpp>

#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace streamhost {

/// What a link compares: two ports fit when name, version, size and alignment of their payload types are equal. Two
/// libraries that were built against different definitions of a payload are told apart by it.
struct message_type {
    std::string_view name;
    std::uint32_t version = 1;
    std::uint32_t size = 0;       ///< `sizeof` the payload
    std::uint32_t alignment = 0;  ///< `alignof` the payload
    bool crosses_wires = false;   ///< whether `framed`, record and console links may carry it
    queue_defaults defaults;

    /// The bytes of a payload of this type, for wires that do not know it; null for the standard types, which they know,
    /// and for one that stays inside of a host. Any thread.
    shared_bytes (*encode)(const void* payload) = nullptr;
    /// The payload that was encoded; foreign bytes: refuses what is wrong with an error, and never throws. There where
    /// `encode` is.
    result<std::shared_ptr<const void>> (*decode)(const shared_bytes& data) = nullptr;

    friend constexpr bool operator==(const message_type& a, const message_type& b) noexcept {
        return a.name == b.name && a.version == b.version && a.size == b.size && a.alignment == b.alignment;
    }
};

/// What streamhost has to know about a payload type. To add a type of your own, specialise it beside the type:
///
///     struct scan { std::vector<float> ranges; };
///
///     template <>
///     struct streamhost::message_traits<scan> {
///         static constexpr std::string_view name = "acme.scan";   // prefix it: names are global
///         static constexpr std::uint32_t version = 1;             // raise it whenever the meaning or the encoding changes
///         static constexpr queue_defaults defaults{...};          // optional; wait locally, drop_oldest for viewers
///
///         // Both or none. With them the type may leave the host (stream.server, stream.client):
///         static shared_bytes encode(const scan& value);
///         static result<scan> decode(const shared_bytes& data);   // foreign bytes: `errc::malformed` where they are wrong
///     };
///
/// The name is 1 to 64 of A-Z a-z 0-9 . _ - where the type is to cross. `encode` and `decode` are called on the lanes of
/// the modules that send and receive; one that throws `std::exception` in `decode` refuses as well. What `decode` makes
/// may hold slices of `data`, which is a slice of the buffer that the message arrived in. For the byte limits of queues
/// a received payload counts as long as its encoding. docs/wire.md has the bytes around it: type `user`.
template <class T>
struct message_traits;

namespace detail {

template <class T>
concept encodable = requires(const T& value, const shared_bytes& data) {
    { message_traits<T>::encode(value) } -> std::same_as<shared_bytes>;
    { message_traits<T>::decode(data) } -> std::same_as<result<T>>;
};

template <class T>
shared_bytes encode_payload(const void* payload) {
    return message_traits<T>::encode(*static_cast<const T*>(payload));
}

template <class T>
result<std::shared_ptr<const void>> decode_payload(const shared_bytes& data) {
    try {
        auto value = message_traits<T>::decode(data);
        if (!value) return value.error();
        return std::shared_ptr<const void>(std::make_shared<const T>(std::move(*value)));
    } catch (const std::exception&) {
        return errc::malformed;
    }
}

constexpr queue_options drop_oldest_of(std::uint32_t items, std::chrono::milliseconds age) noexcept {
    return {.policy = queue_policy::drop_oldest, .items = items, .age = age};
}

/// Pictures: only the newest one is worth anything. A viewer has one on its way and one behind it.
inline constexpr queue_defaults picture_queues{
    .link = usual_queue(queue_policy::latest),
    .viewer = {.policy = queue_policy::latest, .items = 2},
};

/// Sound: limited by time, since a block may be of any length; the number of blocks is only the outer bound.
inline constexpr queue_defaults sound_queues{
    .link = drop_oldest_of(256, std::chrono::milliseconds(200)),
    .viewer = drop_oldest_of(256, std::chrono::milliseconds(400)),
};

template <class T>
constexpr bool crosses_wires() {
    if constexpr (requires { message_traits<T>::crosses_wires; }) return message_traits<T>::crosses_wires;
    return encodable<T>;
}

template <class T>
constexpr queue_defaults queues_of() {
    if constexpr (requires { message_traits<T>::defaults; }) return message_traits<T>::defaults;
    return {};
}

template <class T>
constexpr auto encoder_of() -> decltype(message_type::encode) {
    if constexpr (encodable<T>) return &encode_payload<T>;
    return nullptr;
}

template <class T>
constexpr auto decoder_of() -> decltype(message_type::decode) {
    if constexpr (encodable<T>) return &decode_payload<T>;
    return nullptr;
}

template <class T>
inline constexpr message_type message_type_of{
    .name = message_traits<T>::name,
    .version = message_traits<T>::version,
    .size = sizeof(T),
    .alignment = alignof(T),
    .crosses_wires = crosses_wires<T>(),
    .defaults = queues_of<T>(),
    .encode = encoder_of<T>(),
    .decode = decoder_of<T>(),
};

}  // namespace detail

/// The description of a payload type. It lives as long as the library that it was compiled into; compare by value, the
/// addresses differ between libraries.
template <class T>
const message_type& type_of() noexcept {
    return detail::message_type_of<T>;
}

template <>
struct message_traits<video_frame> {
    static constexpr std::string_view name = "video_frame";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
    static constexpr queue_defaults defaults = detail::picture_queues;
};

template <>
struct message_traits<encoded_image> {
    static constexpr std::string_view name = "encoded_image";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
    static constexpr queue_defaults defaults = detail::picture_queues;
};

template <>
struct message_traits<audio_block> {
    static constexpr std::string_view name = "audio_block";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
    static constexpr queue_defaults defaults = detail::sound_queues;
};

template <>
struct message_traits<text> {
    static constexpr std::string_view name = "text";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
};

template <>
struct message_traits<record> {
    static constexpr std::string_view name = "record";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
};

template <>
struct message_traits<bytes> {
    static constexpr std::string_view name = "bytes";
    static constexpr std::uint32_t version = 1;
    static constexpr bool crosses_wires = true;
};

}  // namespace streamhost
