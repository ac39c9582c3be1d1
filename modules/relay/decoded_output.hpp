#pragma once

#include <streamhost/module_context.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/pickle.hpp>

#include <string_view>
#include <tuple>

namespace streamhost::relay {

/// An output of any type that is fed with what has come off a wire. Confined to the module's lane.
class decoded_output {
public:
    decoded_output(module_context& host, std::string_view port);

    bool linked() const noexcept { return port_.linked(); }

    /// Sends the payload with the header that it came with. What this host cannot read (broken bytes, a type that a
    /// module brought or that a later version has) is counted and left out.
    awaitable<void> forward(framed::message received, message_header header);

    /// Sends what a pickle holds: a picture as `video_frame`, a `str` as `text`, `bytes` as `bytes`, any other value as
    /// `record`.
    awaitable<void> send(pickle::value value);

private:
    awaitable<void> send_array(pickle::array array);

    template <class T>
    output<T>& as() {
        return std::get<output<T>>(ways_);
    }

    output_port& port_;
    std::tuple<output<video_frame>, output<encoded_image>, output<audio_block>, output<text>, output<record>,
               output<bytes>>
        ways_;  ///< the same port, once for each type
    counter& count_unreadable_;
};

}  // namespace streamhost::relay
