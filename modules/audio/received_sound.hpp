#pragma once

#include "sound_format.hpp"

#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/pickle.hpp>

#include <optional>
#include <string>

/// What a peer's message is worth as sound. Pure functions, callable from any thread.
namespace streamhost::audio {

struct received_sound {
    std::optional<audio_block> block{};  ///< whole frames, at least one; a slice of the message
    bool cut = false;                    ///< it ended inside a frame, which was left out
    std::string end{};                   ///< why the session has to end; empty: it goes on
};

/// `format`: what both sides are set to, as a pickle does not say it.
received_sound read_sound(const pickle::value& value, const sound_format& format);

received_sound read_sound(const framed::message& message);

/// Why a session whose messages are of that type is not wanted; empty where it is.
std::string refuse_type(framed::message_type type);

}  // namespace streamhost::audio
