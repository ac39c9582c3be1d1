#include "portaudio_library.hpp"

#include "jitter_buffer.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace streamhost::audio {
namespace {

using enum portaudio_library::direction;
using streamhost::test::scratch_folder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// PortAudio on devices that ALSA makes of nothing: they have no clock and take sound as fast as it comes.
class portaudio_library_test : public ::testing::Test {
protected:
    /// Stands alone: the system's own configuration would add devices of this machine.
    void devices(std::string_view configuration) {
        ::setenv("ALSA_CONFIG_PATH", folder.write("asound.conf", configuration).c_str(), 1);
    }
    auto open(const std::string& device, portaudio_library::direction way = play, sound_format format = {}) {
        return library->open({.way = way, .device = device, .format = format}, count, [this](const auto& found) {
            name = found.name;
            taken_format = found.format;
            return static_cast<void*>(&frames);
        });
    }
    std::string failure(const std::string& device, portaudio_library::direction way = play) {
        const auto opened = open(device, way);
        const auto* const why = std::get_if<device_failure>(&opened);
        return why != nullptr ? in_words(*why) : "it was opened";
    }

    static void count(void* user, void*, unsigned long exchanged) {
        static_cast<std::atomic<unsigned long>*>(user)->fetch_add(exchanged);
    }

    scratch_folder folder;
    std::shared_ptr<portaudio_library> library = std::make_shared<portaudio_library>(true);
    std::atomic<unsigned long> frames{0};
    std::string name;
    sound_format taken_format;
};

/// A card that this machine does not have. ALSA's own configuration always names a default device, and PortAudio 19.6 ends
/// the program where none does.
constexpr const char* no_device = "pcm.!default { type hw card 31 }\n";

constexpr const char* two_devices = R"(
pcm.!default { type hw card 31 }
pcm.front { type null hint { show on description "front" } }
pcm.rear_speaker { type null hint { show on description "rear" } }
)";

TEST_F(portaudio_library_test, where_there_is_no_device_it_says_so) {
    devices(no_device);
    EXPECT_EQ(failure("default"), "no sound device is there");
    EXPECT_EQ(failure("default", record), "no sound device is there");
    EXPECT_EQ(failure("headset"), "no sound device is there");
}

TEST_F(portaudio_library_test, a_device_is_found_by_its_name_or_a_part_of_it) {
    devices(two_devices);
    EXPECT_TRUE(std::holds_alternative<std::unique_ptr<portaudio_stream>>(open("front")));
    EXPECT_EQ(name, "front");
    EXPECT_TRUE(std::holds_alternative<std::unique_ptr<portaudio_stream>>(open("REAR")));
    EXPECT_EQ(name, "rear_speaker");
    EXPECT_EQ(taken_format, sound_format{}) << "the wanted one";
}

TEST_F(portaudio_library_test, a_name_that_is_none_is_answered_with_those_that_there_are) {
    devices(two_devices);
    EXPECT_THAT(failure("headset"), ::testing::AllOf(HasSubstr("there is no sound device \"headset\""),
                                                     HasSubstr("\"front\""), HasSubstr("\"rear_speaker\"")));
}

TEST_F(portaudio_library_test, a_stream_asks_for_sound_once_it_is_started) {
    devices(two_devices);
    auto opened = open("front");
    auto& stream = *std::get<std::unique_ptr<portaudio_stream>>(opened);
    EXPECT_EQ(frames, 0u);
    ASSERT_FALSE(stream.start());
    while (frames < 44100) std::this_thread::yield();
    EXPECT_TRUE(stream.active());
    stream.stop();
    EXPECT_FALSE(stream.active());
}

TEST_F(portaudio_library_test, a_device_that_is_new_is_found_at_the_next_look) {
    devices(no_device);
    EXPECT_EQ(failure("front"), "no sound device is there");
    devices(two_devices);
    EXPECT_EQ(failure("front"), "it was opened");
}

}  // namespace
}  // namespace streamhost::audio
