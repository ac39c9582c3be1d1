#pragma once

#include <streamhost/media.hpp>
#include <streamhost/queue_policy.hpp>

#include <cstdint>
#include <string_view>

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
///         static constexpr std::uint32_t version = 1;             // raise it whenever the meaning changes
///         static constexpr bool crosses_wires = false;            // optional; false where it is absent
///         static constexpr queue_defaults defaults{...};          // optional; wait locally, drop_oldest for viewers
///     };
template <class T>
struct message_traits;

namespace detail {

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
    return false;
}

template <class T>
constexpr queue_defaults queues_of() {
    if constexpr (requires { message_traits<T>::defaults; }) return message_traits<T>::defaults;
    return {};
}

template <class T>
inline constexpr message_type message_type_of{
    .name = message_traits<T>::name,
    .version = message_traits<T>::version,
    .size = sizeof(T),
    .alignment = alignof(T),
    .crosses_wires = crosses_wires<T>(),
    .defaults = queues_of<T>(),
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
