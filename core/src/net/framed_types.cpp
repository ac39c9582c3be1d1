#include <streamhost/framed_types.hpp>

#include <streamhost/assert.hpp>

#include <fmt/format.h>

#include <array>
#include <type_traits>
#include <utility>
#include <variant>

namespace streamhost {
namespace {

struct standard {
    const message_type* type;
    framed::message_type number;
    framed::payload (*read)(const void* payload);
};

template <class T>
framed::payload read(const void* payload) {
    return *static_cast<const T*>(payload);
}

constexpr std::array standards{
    standard{&detail::message_type_of<video_frame>, framed::message_type::video_frame, &read<video_frame>},
    standard{&detail::message_type_of<encoded_image>, framed::message_type::encoded_image, &read<encoded_image>},
    standard{&detail::message_type_of<audio_block>, framed::message_type::audio_block, &read<audio_block>},
    standard{&detail::message_type_of<text>, framed::message_type::text, &read<text>},
    standard{&detail::message_type_of<record>, framed::message_type::record, &read<record>},
    standard{&detail::message_type_of<bytes>, framed::message_type::bytes, &read<bytes>},
};

const standard* find(const message_type& type) noexcept {
    for (const auto& each : standards) {
        if (each.type == &type || *each.type == type) return &each;
    }
    return nullptr;
}

result<envelope> decode_user_value(const framed::user_value& value, const message_type& type) {
    if (type.decode == nullptr || value.name != type.name || value.version != type.version) return errc::unsupported;
    auto decoded = type.decode(value.data);
    if (!decoded) return decoded.error();
    envelope content;
    content.type = &type;
    content.size = value.data.size();
    content.payload = std::move(*decoded);
    return content;
}

template <class T>
constexpr bool is_standard = requires { message_traits<T>::name; };

}  // namespace

const message_type* standard_type(std::string_view name) noexcept {
    for (const auto& each : standards) {
        if (each.type->name == name) return each.type;
    }
    return nullptr;
}

framed::message_type framed_type(const message_type& type) noexcept {
    if (const auto* const known = find(type)) return known->number;
    return type.encode != nullptr ? framed::message_type::user : framed::message_type::any;
}

std::string describe_framed_type(framed::message_type type, std::string_view user_type, std::uint32_t user_version) {
    if (type == framed::message_type::user) return fmt::format("{} version {}", user_type, user_version);
    for (const auto& each : standards) {
        if (each.number == type) return std::string(each.type->name);
    }
    return fmt::format("type {}", static_cast<std::uint16_t>(type));
}

framed::payload to_framed_payload(const envelope& content) {
    STREAMHOST_ASSERT(content.type != nullptr);
    if (const auto* const known = find(*content.type)) return known->read(content.payload.get());
    STREAMHOST_ASSERT(content.type->encode != nullptr);
    framed::user_value value;
    value.name = content.type->name;
    value.version = content.type->version;
    value.data = content.type->encode(content.payload.get());
    return value;
}

result<envelope> to_envelope(framed::payload received, const message_type& type) {
    return std::visit(
        [&type](auto&& value) -> result<envelope> {
            using value_type = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<value_type, framed::user_value>) {
                return decode_user_value(value, type);
            } else if constexpr (is_standard<value_type>) {
                if (!(type_of<value_type>() == type)) return errc::unsupported;
                return make_envelope(std::move(value));
            } else {
                return errc::unsupported;
            }
        },
        std::move(received));
}

}  // namespace streamhost
