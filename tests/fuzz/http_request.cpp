// Any bytes as what an HTTP client sends: in pieces the same requests come of them as at once, and none that two programs
// could read differently.
#include "../../modules/web/request_reader.hpp"  // the video family has a header of that name, too
#include "request_rules.hpp"

#include <streamhost/assert.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace web = streamhost::web;

namespace {

std::string read_in_pieces(std::string_view bytes, std::size_t piece) {
    web::request_reader reader;
    std::string all;
    while (!bytes.empty() && !reader.problem()) {
        const auto some = bytes.substr(0, piece);
        bytes.remove_prefix(some.size());
        reader.give(std::as_bytes(std::span(some.data(), some.size())));
        for (;;) {
            while (reader.step()) {}
            if (!reader.whole()) break;
            const auto one = reader.take();
            STREAMHOST_ASSERT(one.body().size() <= web::request_reader::most_body);
            STREAMHOST_ASSERT(one.target().starts_with("/"));
            STREAMHOST_ASSERT(one.version() == 10 || one.version() == 11);
            STREAMHOST_ASSERT(one.count(boost::beast::http::field::host) <= 1);
            all += std::string(one.target()) + "\n" + one.body() + "\n";
            const auto target = web::split_target(std::string_view(one.target()));
            if (target) STREAMHOST_ASSERT(target->path.starts_with("/") && target->path.find('?') == std::string::npos);
        }
    }
    return all;  // when a refusal is known may depend on the pieces, what comes through may not
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto at_once = read_in_pieces(bytes, std::max<std::size_t>(size, 1));
    STREAMHOST_ASSERT(read_in_pieces(bytes, 1) == at_once);
    STREAMHOST_ASSERT(read_in_pieces(bytes, 7) == at_once);
    const auto half = bytes.substr(0, size / 2), rest = bytes.substr(size / 2);
    (void)web::is_own_host(half, "cart", {std::string(rest)});
    STREAMHOST_ASSERT(!web::is_same_origin(half, half));
    (void)web::is_same_origin(half, rest);
    (void)web::decode_component(bytes);
    return 0;
}
