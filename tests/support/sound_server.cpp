#include "support/sound_server.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace streamhost::test {
namespace {

constexpr const char* sink = "nothing";
constexpr std::size_t frame_bytes = 4;

/// Stands alone: the system's own configuration would add the devices of this machine.
constexpr const char* alsa_configuration = R"(
pcm.!default {{
  type asym
  playback.pcm {{ type pulse server "{0}" device "{1}" }}
  capture.pcm {{ type null }}
}}
)";

}  // namespace

sound_server::sound_server(scratch_folder& folder, int rate)
    : folder_(folder),
      rate_(rate),
      home_(folder.make_folder("sound")),
      address_("unix:" + (home_ / "native").string()),
      alsa_configuration_(folder.write("asound.conf", fmt::format(alsa_configuration, address_, sink))) {
    std::filesystem::permissions(home_, std::filesystem::perms::owner_all);
    const std::vector<std::pair<std::string, std::string>> environment{{"HOME", home_.string()},
                                                                       {"XDG_RUNTIME_DIR", home_.string()},
                                                                       {"PULSE_RUNTIME_PATH", home_.string()},
                                                                       {"PULSE_STATE_PATH", home_.string()},
                                                                       {"DBUS_SESSION_BUS_ADDRESS", "disabled:"}};
    server_.emplace(
        folder, "pulseaudio",
        child_program::options{
            .command = {"pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
                        "--disallow-exit", "--load",
                        fmt::format("module-null-sink sink_name={} rate={} format=s16le channels=2", sink, rate), "--load",
                        "module-native-protocol-unix auth-anonymous=1 socket=" + (home_ / "native").string()},
            .environment = environment});
    const auto there = [&] { return std::filesystem::exists(home_ / "native"); };
    (void)folder.wait([&] { return there() || server_->ended(); });
    if (!there()) throw std::runtime_error("PulseAudio does not start: " + server_->log());
    recorder_.emplace(folder, "parec",
                      child_program::options{.command = {"parec", "--server", address_, "--raw", "--format=s16le",
                                                         "--device", std::string(sink) + ".monitor", "--channels=2",
                                                         fmt::format("--rate={}", rate)},
                                             .environment = environment});
    const auto begun = [&] { return std::filesystem::file_size(recorder_->out_file()) > 0; };
    (void)folder.wait([&] { return begun() || recorder_->ended(); });
    if (!begun()) throw std::runtime_error("PulseAudio's sink is not recorded: " + recorder_->log());
}

std::vector<std::pair<std::string, std::string>> sound_server::environment() const {
    return {{"ALSA_CONFIG_PATH", alsa_configuration_.string()},
            {"HOME", home_.string()},
            {"XDG_RUNTIME_DIR", home_.string()}};
}

bool sound_server::wait_recorded(const std::function<bool(std::string_view)>& condition,
                                 std::chrono::milliseconds limit) const {
    const auto second = static_cast<std::uintmax_t>(rate_) * frame_bytes;
    std::uintmax_t looked_at = 0;
    const auto look = [&] {
        const auto size = std::filesystem::file_size(recorder_->out_file());
        if (size < looked_at + second) return false;
        looked_at = size;
        return condition(recorder_->out());
    };
    return folder_.wait(look, limit);
}

std::string compare_sound(std::string_view played, std::string_view sound) {
    constexpr std::size_t known_start = 64 * frame_bytes;
    const auto begin = played.find(sound.substr(0, known_start));
    if (begin == std::string_view::npos) return "its beginning is not there";
    auto rest = played.substr(begin);
    std::size_t gaps = 0;
    for (std::size_t at = 0; at < sound.size(); rest.remove_prefix(frame_bytes)) {
        if (rest.size() < frame_bytes) {
            return fmt::format("it ends after {} of {} frames", at / frame_bytes, sound.size() / frame_bytes);
        }
        if (rest.substr(0, frame_bytes) == sound.substr(at, frame_bytes)) {
            at += frame_bytes;
        } else if (rest.substr(0, frame_bytes) == std::string_view("\0\0\0\0", frame_bytes)) {
            ++gaps;
        } else {
            return fmt::format("it differs at frame {}, behind {} frames of silence", at / frame_bytes, gaps);
        }
    }
    return {};
}

std::vector<std::pair<std::string, std::string>> no_sound_devices(const scratch_folder& folder) {
    return {{"ALSA_CONFIG_PATH", folder.write("asound.conf", "pcm.!default { type hw card 31 }\n").string()}};
}

}  // namespace streamhost::test
