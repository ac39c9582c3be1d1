#include "decoded_output.hpp"

#include <utility>
#include <variant>

namespace streamhost::relay {

decoded_output::decoded_output(module_context& host, std::string_view port)
    : port_(host.any_output(port)),
      ways_(output<video_frame>(port_), output<encoded_image>(port_), output<audio_block>(port_), output<text>(port_),
            output<record>(port_), output<bytes>(port_)),
      count_unreadable_(host.metric("messages_unreadable", "messages that the output could not give, and viewers got")) {}

awaitable<void> decoded_output::forward(framed::message received, message_header header) {
    auto content = framed::decode_payload(received);
    if (!content) {
        count_unreadable_.add();
    } else if (auto* const frame = std::get_if<video_frame>(&*content)) {
        co_await as<video_frame>().forward(std::move(*frame), header);
    } else if (auto* const image = std::get_if<encoded_image>(&*content)) {
        co_await as<encoded_image>().forward(std::move(*image), header);
    } else if (auto* const block = std::get_if<audio_block>(&*content)) {
        co_await as<audio_block>().forward(std::move(*block), header);
    } else if (auto* const line = std::get_if<text>(&*content)) {
        co_await as<text>().forward(std::move(*line), header);
    } else if (auto* const reading = std::get_if<record>(&*content)) {
        co_await as<record>().forward(std::move(*reading), header);
    } else if (auto* const raw = std::get_if<bytes>(&*content)) {
        co_await as<bytes>().forward(std::move(*raw), header);
    } else {
        count_unreadable_.add();
    }
}

awaitable<void> decoded_output::send(pickle::value value) {
    if (auto* const array = std::get_if<pickle::array>(&value)) {
        co_await send_array(std::move(*array));
    } else if (auto* const characters = std::get_if<std::string>(&value)) {
        text line{std::move(*characters)};
        co_await as<text>().send(std::move(line));
    } else if (auto* const content = std::get_if<shared_bytes>(&value)) {
        bytes raw{std::move(*content)};
        co_await as<bytes>().send(std::move(raw));
    } else {
        record reading;
        if (const auto* const yes = std::get_if<bool>(&value)) reading.value = *yes;
        if (const auto* const whole = std::get_if<std::int64_t>(&value)) reading.value = *whole;
        if (const auto* const real = std::get_if<double>(&value)) reading.value = *real;
        co_await as<record>().send(std::move(reading));
    }
}

awaitable<void> decoded_output::send_array(pickle::array array) {
    auto frame = pickle::to_video_frame(array);
    if (!frame) {
        count_unreadable_.add();
        co_return;
    }
    co_await as<video_frame>().send(std::move(*frame));
}

}  // namespace streamhost::relay
