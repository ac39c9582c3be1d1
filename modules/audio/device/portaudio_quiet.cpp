#include "portaudio_quiet.hpp"

#include <dlfcn.h>

#include <mutex>

namespace streamhost::audio {
namespace {

void ignore_alsa_error(const char*, int, const char*, int, const char*, ...) {}

void ignore_jack_line(const char*) {}

/// The libraries come with PortAudio, or not: a PortAudio without them is as good. So nothing is linked, only looked up.
template <class Function>
Function look_up(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void quieten_sound_libraries() {
    static std::once_flag done;
    std::call_once(done, [] {
        using alsa_handler = void (*)(const char*, int, const char*, int, const char*, ...);
        if (const auto set = look_up<int (*)(alsa_handler)>("snd_lib_error_set_handler")) set(&ignore_alsa_error);
        using jack_handler = void (*)(const char*);
        for (const char* const name : {"jack_set_error_function", "jack_set_info_function"}) {
            if (const auto set = look_up<void (*)(jack_handler)>(name)) set(&ignore_jack_line);
        }
    });
}

}  // namespace streamhost::audio
