#pragma once

#include <streamhost/module.hpp>

#include <cstdint>
#include <string>

namespace streamhost::stream_family {

struct print_settings {
    std::int64_t characters = 200;
};

/// What one message holds, in a line: the value of a record, the words of a text, else its kind and its size. As long
/// as the message.
std::string shown(const envelope& content);

/// `stream.print`: shows what comes, each message as a line of the log. Faster ones than a log takes are counted there.
class print final : public module {
public:
    static module_info describe();

    print(module_context& host, print_settings chosen);

    awaitable<void> run() override;

private:
    module_context& host_;
    print_settings chosen_;
    input_port& messages_;
};

}  // namespace streamhost::stream_family
