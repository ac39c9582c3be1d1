#include "modules/chaos/collects.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <iostream>
#include <stdexcept>

namespace chaos {
namespace {

std::string sha256(std::span<const std::byte> bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
        throw std::runtime_error("cannot compute a SHA-256");
    }
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
}

std::string content_of(const sh::video_frame& frame) { return sha256(frame.pixels.span()); }
std::string content_of(const sh::encoded_image& image) { return sha256(image.data.span()); }
std::string content_of(const sh::record& record) { return boost::json::serialize(record.value); }

}  // namespace

sh::module_info collects::describe() {
    return sh::describe<collects, collect_settings>("chaos.collects", "writes a line for each message")
        .setting("file", &collect_settings::file, "appends there; empty: to standard output")
        .setting("count", &collect_settings::count, "drains the host after so many, 0: never").at_least(0)
        .input<sh::video_frame>("frames", "as \"sequence sha256\"").optional()
        .input<sh::encoded_image>("images", "as \"sequence sha256\"").optional()
        .input<sh::record>("records", "as \"sequence json\"").optional();
}

collects::collects(sh::module_context& host, collect_settings chosen) : host_(host), chosen_(std::move(chosen)) {}

sh::awaitable<void> collects::prepare() {
    if (!chosen_.file.empty()) file_.open(chosen_.file, std::ios::app);
    if (!chosen_.file.empty() && !file_) throw sh::configuration_error("cannot append to " + chosen_.file);
    co_return;
}

sh::awaitable<void> collects::run() {
    host_.spawn(collect(host_.input<sh::video_frame>("frames")));
    host_.spawn(collect(host_.input<sh::encoded_image>("images")));
    host_.spawn(collect(host_.input<sh::record>("records")));
    co_return;
}

template <class T>
sh::awaitable<void> collects::collect(sh::input<T> from) {
    for (;;) {
        const auto message = co_await from.next();
        if (!message) break;
        write(message.header(), content_of(*message));
    }
}

void collects::write(const sh::message_header& header, const std::string& content) {
    auto& to = file_.is_open() ? static_cast<std::ostream&>(file_) : std::cout;
    to << header.sequence << ' ' << content << std::endl;
    if (++written_ == chosen_.count) host_.stop_host("all that was asked for has been collected");
}

}  // namespace chaos
