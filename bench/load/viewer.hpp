#pragma once

#include "framing.hpp"
#include "socket.hpp"
#include "stamp.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bench {

/// One connection to the server under test. What lies between a frame's stamp and its last bytes is discarded inside of the
/// kernel, so thousands of them cost one processor little.
class viewer {
public:
    class observer {
    public:
        virtual ~observer() = default;
        /// A frame has arrived whole.
        virtual void take_frame(viewer& by, const stamp& made, std::string_view last_bytes) = 0;
    };

    /// Begins to connect; `receive_buffer` as in `begin_connect`.
    viewer(std::size_t place, std::unique_ptr<framing> how, std::uint16_t port, int receive_buffer);

    std::size_t place() const noexcept { return place_; }
    int socket() const noexcept { return socket_.get(); }
    std::int64_t began_ns() const noexcept { return began_ns_; }
    bool greeted() const noexcept { return greeted_; }
    bool gone() const noexcept { return !socket_; }

    /// Once it is connected, which the socket shows by being writable.
    void greet();

    /// Reads what is there, at most `budget` bytes, and returns how many; leaves when the server has gone. Throws what
    /// `framing` throws.
    std::size_t read(std::size_t budget, observer& told);

    void leave() { socket_ = descriptor(); }

private:
    static constexpr std::size_t head_size = 256;  // a stamp lies within
    static constexpr std::size_t tail_size = 2;

    std::size_t discardable() const;
    void discarded(std::size_t count);
    void consume(std::string_view bytes, observer& told);
    std::size_t consume_content(std::string_view bytes, observer& told);
    void say(std::string_view words);

    std::size_t place_;
    std::unique_ptr<framing> framing_;
    std::int64_t began_ns_;
    descriptor socket_;
    bool greeted_ = false;

    std::string header_;            // as far as it has come
    std::size_t run_left_ = 0;      // of content
    std::size_t message_left_ = 0;
    std::array<char, head_size> head_;
    std::size_t head_filled_ = 0;
    std::array<char, tail_size> tail_{};
};

}  // namespace bench
