#pragma once

#include <streamhost/awaitable.hpp>
#include <streamhost/bytes.hpp>
#include <streamhost/net.hpp>
#include <streamhost/wire/framed.hpp>
#include <streamhost/wire/framed_opening.hpp>
#include <streamhost/wire_message.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

/// Messages on a stream, for the TCP wires `pickle` and `framed` (docs/wire.md).
namespace streamhost {

/// What a message that comes in may be and take.
struct receive_limits {
    std::uint64_t message_bytes = 8 * 1024 * 1024;
    duration idle = no_timeout;                        ///< until the first byte of a message
    duration message = std::chrono::seconds(10);       ///< from its first byte to its last
};

/// Reads messages behind length prefixes. Resident memory grows with the bytes that really arrive, not with what a prefix
/// claims. Both need the stream for as long as they are used.
class STREAMHOST_API message_reader {
public:
    enum class ahead {
        yes,  ///< takes with a message what has come behind it: usually one call of the kernel for each message
        no,   ///< takes no byte that is not the message's
    };
    explicit message_reader(stream& from, ahead how = ahead::yes) : from_(from), ahead_(how == ahead::yes) {}

    /// What follows the next prefix. Errors: those of `length_prefix::decode` and of `stream::read`;
    /// `errc::end_of_stream` only between two messages.
    awaitable<result<shared_bytes>> next(receive_limits limits);

    /// The next `framed` message. Errors: those of `next` and of `framed::decode`.
    awaitable<result<framed::message>> next_framed(receive_limits limits);

private:
    std::size_t have() const noexcept { return end_ - begin_; }
    void make_room(std::size_t wanted);
    shared_bytes take(std::size_t length);

    stream& from_;
    const bool ahead_;
    std::shared_ptr<std::byte[]> buffer_;  ///< messages that were taken are slices of it
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;  ///< of what has come and was not taken
    std::size_t end_ = 0;
    std::size_t usual_ = 0;  ///< what one message and a bit of the next one take
};

/// One message, and no byte behind it.
STREAMHOST_API awaitable<result<shared_bytes>> read_prefixed(stream& from, receive_limits limits);
STREAMHOST_API awaitable<result<framed::message>> read_framed(stream& from, receive_limits limits);

/// Writes a `framed` message whole.
STREAMHOST_API awaitable<result<void>> write_framed(stream& to, framed::pieces content, duration stall_timeout);

/// Writes a message of any wire whole. `content` is kept until then.
STREAMHOST_API awaitable<result<void>> write_message(stream& to, std::shared_ptr<const wire_message> content,
                                                     duration stall_timeout);

/// Reads and throws away until the peer ends; false when it sends more than `most` bytes.
STREAMHOST_API awaitable<bool> discard(stream& from, std::size_t most);

/// The dialler's side of a session's opening: says hello and takes the answer. Errors: `refused` with the server's text
/// in `refusal`, `unsupported` where it speaks another major version (the text names both), else those of the stream.
STREAMHOST_API awaitable<result<framed::answer>> open_framed(stream& session, framed::hello hello, std::string& refusal,
                                                                duration timeout);

/// The server's side: takes the hello. A peer of another major version has already been answered. The caller answers
/// with `answer_framed`.
STREAMHOST_API awaitable<result<framed::hello>> take_hello(stream& session, duration timeout);
STREAMHOST_API awaitable<result<void>> answer_framed(stream& session, framed::answer answer, duration timeout);

}  // namespace streamhost
