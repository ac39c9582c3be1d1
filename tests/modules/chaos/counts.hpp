#pragma once

#include <streamhost/module.hpp>

namespace chaos {

namespace sh = streamhost;

struct count_settings {
    std::chrono::milliseconds period{10};
    std::int64_t count = 0;
};

/// A source of records {"n": 1}, {"n": 2}, ...
class counts final : public sh::module {
public:
    static sh::module_info describe();
    counts(sh::module_context& host, count_settings chosen);

    sh::awaitable<void> run() override;

private:
    sh::module_context& host_;
    count_settings chosen_;
    sh::output<sh::record> records_;
};

}  // namespace chaos
