#include "print.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <string_view>

namespace streamhost::stream_family {
namespace {

/// The payload where it is of type `T`; else null.
template <class T>
const T* as(const envelope& content) {
    return *content.type == type_of<T>() ? static_cast<const T*>(content.payload.get()) : nullptr;
}

/// JSON as people write numbers: 19.5, where the library has 1.95E1.
std::string plain(const boost::json::value& value) {
    if (const auto* const number = value.if_double()) return fmt::format("{}", *number);
    std::string text;
    std::string_view between;
    if (const auto* const array = value.if_array()) {
        for (const auto& element : *array) {
            text += fmt::format("{}{}", between, plain(element));
            between = ", ";
        }
        return "[" + text + "]";
    }
    if (const auto* const object = value.if_object()) {
        for (const auto& [key, member] : *object) {
            text += fmt::format("{}{}: {}", between, boost::json::serialize(key), plain(member));
            between = ", ";
        }
        return "{" + text + "}";
    }
    return boost::json::serialize(value);
}

}  // namespace

std::string shown(const envelope& content) {
    if (const auto* const reading = as<record>(content)) return plain(reading->value);
    if (const auto* const words = as<text>(content)) {
        return words->sender.empty() ? words->line : fmt::format("{}: {}", words->sender, words->line);
    }
    if (const auto* const frame = as<video_frame>(content)) {
        return fmt::format("a picture of {}x{}, {} bytes", frame->width, frame->height, content.size);
    }
    if (const auto* const image = as<encoded_image>(content)) {
        return fmt::format("a JPEG of {}x{}, {} bytes", image->width, image->height, content.size);
    }
    if (const auto* const block = as<audio_block>(content)) {
        return fmt::format("sound, {} frames at {} Hz, {} bytes", block->frames(), block->rate, content.size);
    }
    return fmt::format("{}, {} bytes", content.type->name, content.size);
}

module_info print::describe() {
    return streamhost::describe<print, print_settings>("stream.print",
                                                       "Shows what comes, a line of the log for each message")
        .setting("characters", &print_settings::characters, "of a line at most").range(20, 10'000)
        .any_input("messages", "what to show").many();
}

print::print(module_context& host, print_settings chosen)
    : host_(host), chosen_(chosen), messages_(host.any_input("messages")) {}

awaitable<void> print::run() {
    while (true) {
        const auto content = co_await messages_.next_any();
        if (!content) break;
        host_.log().info("{:.{}}", shown(content), chosen_.characters);
    }
}

}  // namespace streamhost::stream_family
