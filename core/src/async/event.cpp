#include <streamhost/event.hpp>

#include <streamhost/assert.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace streamhost {
namespace {

template <class Handler>
void resume_later(Handler handler, error_code code) {
    asio::get_associated_cancellation_slot(handler).clear();
    const auto target = handler.get_executor();
    asio::post(target, [resume = std::move(handler), code]() mutable { std::move(resume)(code); });
}

}  // namespace

event::~event() { STREAMHOST_ASSERT(!has_waiters()); }

awaitable<void> event::wait() {
    if (set_) {
        set_ = false;
        co_return;
    }
    auto initiation = [this](handler resume) { add(std::move(resume)); };
    co_await asio::async_initiate<const asio::use_awaitable_t<executor>, void(error_code)>(initiation, use_awaitable);
}

void event::add(handler resume) {
    const auto id = next_id_++;
    auto slot = asio::get_associated_cancellation_slot(resume);
    if (slot.is_connected()) {
        slot.assign([this, id](asio::cancellation_type kind) {
            if ((kind & asio::cancellation_type::terminal) != asio::cancellation_type::none) cancel(id);
        });
    }
    if (first_) {
        others_.push_back({id, std::move(resume)});
    } else {
        first_.emplace(waiter{id, std::move(resume)});
    }
}

void event::cancel(std::uint64_t id) {
    if (first_ && first_->id == id) {
        auto resume = std::move(first_->resume);
        first_.reset();
        resume_later(std::move(resume), asio::error::operation_aborted);
        return;
    }
    const auto found = std::find_if(others_.begin(), others_.end(), [id](const waiter& w) { return w.id == id; });
    if (found == others_.end()) return;
    auto resume = std::move(found->resume);
    others_.erase(found);
    resume_later(std::move(resume), asio::error::operation_aborted);
}

void event::set() {
    if (!has_waiters()) {
        set_ = true;
        return;
    }
    if (first_) {
        auto resume = std::move(first_->resume);
        first_.reset();
        resume_later(std::move(resume), error_code{});
    }
    for (auto& waiting : others_) resume_later(std::move(waiting.resume), error_code{});
    others_.clear();
}

}  // namespace streamhost
