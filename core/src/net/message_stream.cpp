#include <streamhost/message_stream.hpp>

#include <streamhost/wire/length_prefix.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace streamhost {
namespace {

/// What is left of one time limit for several operations, so that a peer cannot have it anew for each.
class time_budget {
public:
    time_budget(const stream& session, duration limit)
        : clock_(session.time()), endless_(limit == no_timeout), end_(clock_.now() + (endless_ ? duration::zero() : limit)) {}

    duration left() const { return endless_ ? no_timeout : std::max(duration::zero(), end_ - clock_.now()); }

private:
    const clock& clock_;
    const bool endless_;
    const steady_time end_;
};

/// A hello or an answer after its start was read.
awaitable<result<std::vector<std::byte>>> read_rest(stream& session,
                                                    std::span<const std::byte, framed::opening_start_size> start,
                                                    std::size_t size, duration timeout) {
    std::vector<std::byte> whole(start.begin(), start.end());
    whole.resize(size);
    const auto rest = std::span(whole).subspan(start.size());
    const auto done = co_await session.read(rest, timeout);
    if (!done) co_return done.error();
    co_return std::move(whole);
}

}  // namespace

/// Room for `wanted` bytes from `begin_` on.
void message_reader::make_room(std::size_t wanted) {
    const bool shared = buffer_.use_count() > 1;
    if (have() == 0 && !shared) begin_ = end_ = 0;
    // What was taken out stays as it is; behind it there may be room.
    if (buffer_ && capacity_ - begin_ >= wanted) return;
    // Uninitialised on purpose: the kernel gives pages only where bytes are written.
    auto larger = std::make_shared_for_overwrite<std::byte[]>(wanted);
    std::copy_n(buffer_.get() + begin_, have(), larger.get());
    end_ = have();
    begin_ = 0;
    buffer_ = std::move(larger);
    capacity_ = wanted;
}

/// The message whose bytes have come.
shared_bytes message_reader::take(std::size_t length) {
    const std::span<std::byte> content(buffer_.get() + begin_ + length_prefix::size, length);
    begin_ += length_prefix::size + length;
    // More than the message was: a short read tells the kernel's poller that there is nothing left to ask for.
    usual_ = length_prefix::size + length + std::max<std::size_t>(length / 8, 64);
    if (length < capacity_ / 4) {
        // A small message would keep a large buffer.
        auto own = std::make_shared_for_overwrite<std::byte[]>(length);
        std::ranges::copy(content, own.get());
        const std::span<const std::byte> copy(own.get(), length);
        return shared_bytes(std::move(own), copy);
    }
    return shared_bytes(buffer_, content);
}

awaitable<result<shared_bytes>> message_reader::next(receive_limits limits) {
    if (have() == 0) {
        make_room(ahead_ ? std::max(length_prefix::size, usual_) : length_prefix::size);
        const auto room = std::span(buffer_.get() + end_, (ahead_ ? capacity_ : begin_ + length_prefix::size) - end_);
        const auto first = co_await from_.read_some(room, limits.idle);
        if (!first) co_return first.error();
        end_ += *first;
    }
    const time_budget time(from_, limits.message);
    std::optional<std::size_t> length;
    for (;;) {
        if (!length && have() >= length_prefix::size) {
            const std::span<const std::byte, length_prefix::size> prefix(buffer_.get() + begin_, length_prefix::size);
            const auto decoded = length_prefix::decode(prefix, limits.message_bytes);
            if (!decoded) co_return decoded.error();
            length = *decoded;
        }
        const auto whole = length_prefix::size + length.value_or(0);
        if (length && have() >= whole) break;
        make_room(whole);
        const auto room = std::span(buffer_.get() + end_, (ahead_ ? capacity_ : begin_ + whole) - end_);
        const auto more = co_await from_.read_some(room, time.left());
        if (!more) co_return more.error() == errc::end_of_stream ? make_error_code(errc::truncated) : more.error();
        end_ += *more;
    }
    co_return take(*length);
}

awaitable<result<framed::message>> message_reader::next_framed(receive_limits limits) {
    const auto body = co_await next(limits);
    if (!body) co_return body.error();
    co_return framed::decode(*body);
}

awaitable<result<shared_bytes>> read_prefixed(stream& from, receive_limits limits) {
    message_reader reader(from, message_reader::ahead::no);
    auto body = co_await reader.next(limits);
    co_return std::move(body);
}

awaitable<result<framed::message>> read_framed(stream& from, receive_limits limits) {
    message_reader reader(from, message_reader::ahead::no);
    auto message = co_await reader.next_framed(limits);
    co_return std::move(message);
}

awaitable<result<void>> write_framed(stream& to, framed::pieces content, duration stall_timeout) {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(content.prefix.data(), content.prefix.size()),
                                                    asio::buffer(content.body.data(), content.body.size())};
    const auto done = co_await to.write(buffers, stall_timeout);
    co_return done;
}

awaitable<result<void>> write_message(stream& to, std::shared_ptr<const wire_message> content, duration stall_timeout) {
    boost::container::static_vector<asio::const_buffer, wire_message::most_pieces> buffers;
    for (const auto& piece : content->pieces) buffers.push_back(asio::buffer(piece.data(), piece.size()));
    const std::span<const asio::const_buffer> all(buffers.data(), buffers.size());
    const auto done = co_await to.write(all, stall_timeout);
    co_return done;
}

awaitable<bool> discard(stream& from, std::size_t most) {
    std::array<std::byte, 4096> ignored;
    for (std::size_t sum = 0; sum <= most;) {
        const auto count = co_await from.read_some(ignored);
        if (!count) co_return true;
        sum += *count;
    }
    co_return false;
}

awaitable<result<framed::answer>> open_framed(stream& session, framed::hello hello, std::string& refusal,
                                              duration timeout) {
    const time_budget time(session, timeout);
    const auto greeting = framed::encode(hello);
    const auto sent = co_await session.write(asio::buffer(greeting), time.left());
    if (!sent) co_return sent.error();
    std::array<std::byte, framed::opening_start_size> start;
    const auto got = co_await session.read(start, time.left());
    if (!got) co_return got.error();
    const auto opening = framed::decode_answer_start(start);
    if (!opening) co_return opening.error();
    if (opening->speaks.major != framed::own_version.major) {
        refusal = framed::describe_mismatch(opening->speaks);
        co_return errc::unsupported;
    }
    const auto whole = co_await read_rest(session, start, opening->size, time.left());
    if (!whole) co_return whole.error();
    auto answer = framed::decode_answer(*whole);
    if (answer && !answer->accepted) {
        refusal = answer->refusal;
        co_return errc::refused;
    }
    co_return std::move(answer);
}

awaitable<result<framed::hello>> take_hello(stream& session, duration timeout) {
    const time_budget time(session, timeout);
    std::array<std::byte, framed::opening_start_size> start;
    const auto got = co_await session.read(start, time.left());
    if (!got) co_return got.error();
    const auto opening = framed::decode_hello_start(start);
    if (!opening) co_return opening.error();
    if (opening->speaks.major != framed::own_version.major) {
        framed::answer refusal;
        refusal.refusal = framed::describe_mismatch(opening->speaks);
        (void)co_await answer_framed(session, std::move(refusal), time.left());
        co_return errc::unsupported;
    }
    const auto whole = co_await read_rest(session, start, opening->size, time.left());
    if (!whole) co_return whole.error();
    co_return framed::decode_hello(*whole);
}

awaitable<result<void>> answer_framed(stream& session, framed::answer answer, duration timeout) {
    const auto bytes = framed::encode(answer);
    const auto done = co_await session.write(asio::buffer(bytes), timeout);
    co_return done;
}

}  // namespace streamhost
