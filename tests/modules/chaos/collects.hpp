#pragma once

#include <streamhost/module.hpp>

#include <fstream>

namespace chaos {

namespace sh = streamhost;

struct collect_settings {
    std::string file;
    std::int64_t count = 0;
};

/// A sink that writes a line for each message: the message's sequence, and the SHA-256 of its bytes (frames, images) or
/// its JSON (records). Each line is flushed, so a test may read along.
class collects final : public sh::module {
public:
    static sh::module_info describe();
    collects(sh::module_context& host, collect_settings chosen);

    sh::awaitable<void> prepare() override;
    sh::awaitable<void> run() override;

private:
    template <class T>
    sh::awaitable<void> collect(sh::input<T> from);
    void write(const sh::message_header& header, const std::string& content);

    sh::module_context& host_;
    collect_settings chosen_;
    std::ofstream file_;
    std::int64_t written_ = 0;
};

}  // namespace chaos
