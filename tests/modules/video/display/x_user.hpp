#pragma once

#include <streamhost/media.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace streamhost::video::test {

/// Somebody before the screen of an X server: sees the windows and the pixels, closes windows and presses keys. Speaks
/// the X protocol, version 11, by itself, as far as it is needed here.
class x_user {
public:
    struct window {
        std::uint32_t id = 0;
        int width = 0;
        int height = 0;
    };

    /// `display`: ":7", of this machine.
    explicit x_user(const std::string& display);
    ~x_user();
    x_user(const x_user&) = delete;
    x_user& operator=(const x_user&) = delete;

    /// The windows on the screen, lowest first.
    std::vector<window> windows();
    /// What the window shows, in `bgr8`.
    video_frame picture(const window& which);

    /// As the cross in a window's frame does.
    void close(const window& which);
    void press(const window& which, char key);

private:
    using byte_list = std::vector<std::uint8_t>;

    void set_up();
    void send(const byte_list& request);
    byte_list ask(const byte_list& request);
    byte_list receive(std::size_t count);
    std::uint32_t atom(const std::string& name);
    void send_event(const window& which, const byte_list& event);
    std::uint8_t key_code(char key);

    int socket_ = -1;
    std::uint32_t root_ = 0;
};

}  // namespace streamhost::video::test
