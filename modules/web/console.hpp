#pragma once

#include "access.hpp"
#include "control_room.hpp"
#include "http_server.hpp"
#include "media_server.hpp"
#include "site.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::web {

struct console_settings {
    std::string listen = "127.0.0.1:8080";
    std::string title;
    std::string auth;
    std::vector<std::string> hosts;
    std::chrono::milliseconds deadman{300};
    std::chrono::milliseconds max_age{500};
};

/// `web.console`: a page in the browser that shows, plays, talks, drives, and draws the graph; and its streams for
/// other programs.
class console final : public module {
public:
    static module_info describe();

    console(module_context& host, console_settings chosen);

    awaitable<void> prepare() override;
    awaitable<void> run() override;

private:
    using change = std::function<void(const std::vector<link_source>&)>;
    using taker = std::function<void(envelope, const link_source&)>;

    awaitable<void> take_all(input_port& from, change changed, taker take);
    std::vector<live_stream> streams() const;
    double wall_ms() const;
    void say_address() const;

    module_context& host_;
    console_settings chosen_;
    access gate_;
    media_server media_;
    control_room room_;
    std::optional<site> site_;
    std::optional<http_server> server_;
    listener entrance_;
    net_address bound_;
    std::vector<input_port*> inputs_;
    std::size_t taking_ = 0;  ///< inputs that have not ended
    event ended_;
};

}  // namespace streamhost::web
