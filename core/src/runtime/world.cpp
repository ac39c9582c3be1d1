#include "runtime/world.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

namespace streamhost {

awaitable<void> world::await_on_pool(std::function<void()>& job) {
    // Not cancellable: the job borrows from the awaiting coroutine, which must not go before it has ended.
    auto initiation = [&](auto resume) {
        auto work = asio::prefer(resume.get_executor(), asio::execution::outstanding_work.tracked);
        auto shared = std::make_shared<decltype(resume)>(std::move(resume));
        run_on_pool([&job, shared, work] {
            job();
            asio::post(work, [shared]() mutable { std::move (*shared)(); });
        });
    };
    co_await asio::async_initiate<const asio::use_awaitable_t<executor>, void()>(initiation, use_awaitable);
}

}  // namespace streamhost
