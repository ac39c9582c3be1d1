#include "site.hpp"

#include "assets.hpp"
#include "graph_json.hpp"
#include "metrics_text.hpp"
#include "websocket.hpp"

#include <streamhost/host_view.hpp>
#include <streamhost/wire/utf8.hpp>

#include <boost/beast/http/rfc7230.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <random>

namespace streamhost::web {
namespace {

namespace json = boost::json;
using boost::beast::iequals;
using http::field;
using http::status;

constexpr double ns_per_ms = 1e6;
constexpr std::string_view streams_folder = "/streams/";
constexpr std::uint64_t most_form = 4096;

std::string text_of(const request& asked, field name) { return std::string(asked[name]); }

bool is_plan_or_reload(std::string_view path) { return path == "/api/plan" || path == "/api/reload"; }
bool takes_body(std::string_view path) { return is_plan_or_reload(path) || path == "/login"; }
bool is_api(std::string_view path) { return path.starts_with("/api/"); }
bool is_socket(std::string_view path) { return path == "/ws/control" || path == "/ws/media"; }
bool is_front(std::string_view path) { return path == "/" || path == "/index.html"; }

/// What anybody may have, also without a token. The files of the page hold nothing of this host.
bool is_public(std::string_view path) {
    if (path == "/healthz" || path == "/readyz" || path == "/login") return true;
    return !is_front(path) && find_asset(path) != nullptr;
}

answer json_answer(status code, const json::object& content) {
    answer said;
    said.status = code;
    said.content_type = "application/json";
    said.content = json::serialize(content);
    return said;
}

answer see_other(std::string_view where) {
    auto said = plain_answer(status::see_other, "");
    said.fields.emplace_back(field::location, where);
    return said;
}

answer busy(std::string text) {
    auto said = plain_answer(status::service_unavailable, std::move(text));
    said.fields.emplace_back(field::retry_after, "1");
    return said;
}

std::string names_of(const std::vector<live_stream>& streams) {
    std::vector<std::string_view> names;
    for (const auto& each : streams) names.push_back(each.name);
    return names.empty() ? "there is none now" : fmt::format("there are: {}", fmt::join(names, ", "));
}

answer not_among(std::string_view what, const stream_list& list) {
    return plain_answer(status::not_found, fmt::format("no such {}; {}", what, names_of(list.all())));
}

/// "camera" of "camera.mjpeg", where that is the ending.
std::optional<std::string_view> without(std::string_view file, std::string_view ending) {
    if (!file.ends_with(ending)) return std::nullopt;
    return file.substr(0, file.size() - ending.size());
}

bool has_token(std::string_view list, std::string_view token) { return http::token_list{list}.exists(token); }

}  // namespace

double site::wall_ms() const { return static_cast<double>(parts_.host.clock().wall_ns()) / ns_per_ms; }

// --- who may -------------------------------------------------------------------------------------------------------

site::standing site::judge(const request& head, bool has_body, std::uint64_t body_bytes, const net_address& peer) {
    standing stands;
    const auto refuse = [&](status code, std::string text) {
        stands.refused = plain_answer(code, std::move(text));
        return stands;
    };
    const bool posts = head.method() == http::verb::post;
    if (!posts && head.method() != http::verb::get && head.method() != http::verb::head) {
        refuse(status::method_not_allowed, "GET, HEAD and POST are known here");
        stands.refused->fields.emplace_back(field::allow, "GET, HEAD, POST");
        return stands;
    }
    auto target = split_target(std::string_view(head.target()));
    if (!target) return refuse(status::bad_request, "the query is broken");
    stands.target = std::move(*target);
    const auto& path = stands.target.path;
    if (!is_own_host(text_of(head, field::host), chosen_.machine_name, chosen_.other_names)) {
        return refuse(status::misdirected_request,
                      "this is not the host of that name; call it by its address, or add the name to `hosts`");
    }
    const auto origin = text_of(head, field::origin);
    if ((posts || is_socket(path)) && !origin.empty() && !is_same_origin(origin, text_of(head, field::host))) {
        return refuse(status::forbidden, "a page from elsewhere may not do that");
    }
    if (posts && iequals(text_of(head, field::sec_fetch_site), "cross-site")) {
        return refuse(status::forbidden, "a page from elsewhere may not do that");
    }
    if (has_body && (!posts || !takes_body(path) || (path == "/login" && body_bytes > most_form))) {
        return refuse(status::payload_too_large, "no body is taken there");
    }
    if (is_public(path)) return stands;

    const auto authorization = text_of(head, field::authorization), cookie = text_of(head, field::cookie);
    const access::proof proof{authorization, cookie};
    const auto now = parts_.host.clock().now();
    const bool attempt = parts_.gate.asks() && access::is_attempt(proof);
    if (attempt && parts_.gate.is_locked_out(peer, now)) {
        return refuse(status::too_many_requests, "too many attempts have failed: wait a minute");
    }
    stands.may = parts_.gate.rights_of(peer, proof, now);
    if (stands.may == rights::none) {
        stands.refused = unproven(head);
        stands.failed_attempt = attempt;
        if (attempt) parts_.gate.note_failure(peer, now);
    } else if (is_api(path) && stands.may != rights::admin) {
        return refuse(status::forbidden,
                      "the topology is for administrators: users of this machine, or whoever has the token of `auth`");
    }
    return stands;
}

/// A browser gets a page to log in, a program the question that it knows (RFC 7235).
answer site::unproven(const request& head) const {
    const auto* const page = find_asset("/login.html");
    const bool browser = text_of(head, field::accept).find("text/html") != std::string::npos;
    if (page != nullptr && browser && head.method() != http::verb::post) {
        auto said = file(head, "/login.html");
        said.status = status::unauthorized;
        said.fields.clear();
        said.cache = "no-store";
        return said;
    }
    auto said = plain_answer(status::unauthorized, "a token is asked for");
    said.fields.emplace_back(field::www_authenticate, "Basic realm=\"streamhost\", charset=\"UTF-8\"");
    return said;
}

awaitable<void> site::make_wait() {
    std::uniform_int_distribution<int> span(200, 1000);
    const std::chrono::milliseconds pause(span(parts_.host.random()));
    co_await parts_.host.sleep_for(pause);
}

// --- plain answers -------------------------------------------------------------------------------------------------

awaitable<answer> site::respond(const request& asked, const standing& stands, const net_address& peer) {
    const auto& path = stands.target.path;
    const bool posts = asked.method() == http::verb::post;
    if (posts && is_plan_or_reload(path)) {
        auto said = co_await change(asked, stands);
        co_return said;
    }
    if (posts && path == "/login") {
        auto said = co_await log_in(asked, peer);
        co_return said;
    }
    if (posts || takes_body(path)) {
        auto said = plain_answer(status::not_found, "nothing is taken there");
        if (!posts) {
            said = plain_answer(status::method_not_allowed, "POST it");
            said.fields.emplace_back(field::allow, "POST");
        }
        co_return said;
    }
    if (path.starts_with(streams_folder)) co_return picture(std::string_view(path).substr(streams_folder.size()));
    if (path == "/graph.json") co_return graph();
    if (path == "/metrics") co_return metrics();
    if (path == "/healthz") co_return health();
    if (path == "/readyz") co_return readiness();
    if (path == "/api/topology") co_return topology();
    co_return file(asked, path);
}

answer site::file(const request& asked, std::string_view path) const {
    const auto* const found = find_asset(path);
    if (found == nullptr) return plain_answer(status::not_found, "there is nothing of that name");
    answer said;
    said.content_type = found->content_type;
    said.cache = "no-cache";
    said.fields.emplace_back(field::etag, found->etag);
    const auto known = text_of(asked, field::if_none_match);
    if (!known.empty() && (known == "*" || known.find(found->etag) != std::string::npos)) {
        said.status = status::not_modified;
    } else {
        said.content = shared_bytes(nullptr, found->content);
    }
    return said;
}

answer site::picture(std::string_view name) const {
    const auto image = without(name, ".jpg");
    if (!image) return plain_answer(status::not_found, "streams end with .mjpeg, .jpg or .wav");
    const auto* const found = parts_.media.images().find(*image);
    if (found == nullptr) {
        return not_among("pictures", parts_.media.images());
    }
    const auto& newest = parts_.media.newest(*found);
    if (!newest) return busy("no picture has come yet");
    answer said;
    said.content_type = "image/jpeg";
    said.content = newest->data;
    return said;
}

answer site::health() const { return plain_answer(status::ok, "ok"); }

answer site::readiness() const {
    std::string missing;
    for (const auto& each : parts_.host.view().snapshot().instances) {
        const bool good = each.state == "running" || each.state == "ended";
        if (!good) missing += fmt::format("{} is {}\n", each.name, each.state);
    }
    if (missing.empty()) return plain_answer(status::ok, "ready");
    missing.pop_back();
    return busy(std::move(missing));
}

answer site::graph() const { return json_answer(status::ok, graph_json(parts_.host.view().snapshot(), wall_ms())); }

answer site::metrics() const {
    answer said;
    said.content_type = metrics_content_type;
    said.content = metrics_text(parts_.host.view().snapshot());
    return said;
}

answer site::topology() const {
    const auto running = parts_.host.view().topology();
    json::object settings;
    for (const auto& each : parts_.host.view().snapshot().instances) settings[each.name] = each.settings;
    return json_answer(status::ok, {{"file", running.file}, {"text", running.text}, {"settings", std::move(settings)}});
}

awaitable<answer> site::change(const request& asked, const standing& stands) {
    topology_choice which;
    if (!asked.body().empty()) which.text = asked.body();
    const auto save = stands.target.query.find("save");
    which.save = save != stands.target.query.end() && save->second == "1";
    reload_report report;
    if (stands.target.path == "/api/plan") {
        report = co_await parts_.host.view().preview(std::move(which));
    } else {
        parts_.host.log().info("a reload was asked for");
        report = co_await parts_.host.view().reload(std::move(which));
    }
    // What a file holds may be no text.
    const auto text = utf8::is_valid(report.text) ? report.text : utf8::escape_controls(report.text);
    const auto code = report.good ? status::ok : status::unprocessable_entity;
    co_return json_answer(code, {{"good", report.good}, {"text", text}});
}

awaitable<answer> site::log_in(const request& asked, const net_address& peer) {
    if (!parts_.gate.asks()) co_return see_other("/");
    const auto now = parts_.host.clock().now();
    if (parts_.gate.is_locked_out(peer, now)) {
        co_return plain_answer(status::too_many_requests, "too many attempts have failed: wait a minute");
    }
    const auto form = split_target("?" + asked.body());
    const auto token = form && form->query.contains("token") ? form->query.find("token")->second : std::string();
    const auto session = parts_.gate.log_in(token, now);
    if (!session) {
        parts_.gate.note_failure(peer, now);
        parts_.host.log().warn("{} did not know the token", peer.host);
        co_await make_wait();
        co_return see_other("/login.html?wrong");
    }
    auto said = see_other("/");
    said.fields.emplace_back(field::set_cookie, access::cookie_for(*session));
    co_return said;
}

// --- live ones -----------------------------------------------------------------------------------------------------

site::live site::live_of(const request& asked, const standing& stands, const stream& session) {
    const auto& path = stands.target.path;
    if (asked.method() == http::verb::post) return {};
    auto found = is_socket(path) ? socket_of(asked, stands) : live_stream_of(path);
    if (found.as == live::kind::none || found.refused) return found;
    if (asked.method() == http::verb::head) {  // what GET would give has no end
        found.refused = plain_answer(status::ok, "");
        found.refused->content_type = found.as == live::kind::wav ? "audio/wav" : std::string(mjpeg_content_type);
        return found;
    }
    const bool room = found.as == live::kind::control ? parts_.room.has_room() : parts_.media.has_room();
    if (!room) {
        const bool page = found.as == live::kind::control;
        found.refused = busy(page ? "too many pages are open" : parts_.media.turn_away(session));
    }
    return found;
}

site::live site::live_stream_of(std::string_view path) {
    if (!path.starts_with(streams_folder)) return {};
    const auto name = path.substr(streams_folder.size());
    const auto wall_ns = parts_.host.clock().wall_ns();
    live found;
    if (const auto image = without(name, ".mjpeg")) {
        found.as = live::kind::mjpeg;
        const auto* const stream = parts_.media.images().find(*image);
        if (stream != nullptr) found.streams.push_back(*stream);
        else found.refused = not_among("pictures", parts_.media.images());
        found.head = stream_head(mjpeg_content_type, wall_ns);
    } else if (const auto sound = without(name, ".wav")) {
        found.as = live::kind::wav;
        const auto* const stream = parts_.media.sounds().find(*sound);
        if (stream == nullptr) {
            found.refused = not_among("sound", parts_.media.sounds());
        } else if (!parts_.media.wav_header(*stream)) {
            found.refused = busy("no sound has come yet");
        } else {
            found.streams.push_back(*stream);
        }
        found.head = stream_head("audio/wav", wall_ns);
    }
    return found;
}

site::live site::socket_of(const request& asked, const standing& stands) {
    live found;
    found.as = stands.target.path == "/ws/control" ? live::kind::control : live::kind::media;
    const auto key = text_of(asked, field::sec_websocket_key);
    const bool upgrades = asked.version() == 11 && asked.method() == http::verb::get &&
                          has_token(text_of(asked, field::connection), "upgrade") &&
                          has_token(text_of(asked, field::upgrade), "websocket");
    if (!upgrades || text_of(asked, field::sec_websocket_version) != "13") {
        found.refused = plain_answer(status::upgrade_required, "a WebSocket, version 13, stands here");
        found.refused->fields.emplace_back(field::sec_websocket_version, "13");
        found.refused->fields.emplace_back(field::upgrade, "websocket");
        return found;
    }
    if (!is_websocket_key(key)) {
        found.refused = plain_answer(status::bad_request, "the key of the WebSocket is none");
        return found;
    }
    found.head = websocket_head(accept_key(key), parts_.host.clock().wall_ns());
    if (found.as == live::kind::control) return found;
    const auto& query = stands.target.query;
    const auto names = query.find("streams"), kind = query.find("kind");
    auto rest = names == query.end() ? std::string_view() : std::string_view(names->second);
    while (!rest.empty()) {
        const auto name = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        for (const auto* list : {&parts_.media.images(), &parts_.media.sounds()}) {
            const auto* const stream = list->find(name);
            const bool wanted = stream != nullptr && (kind == query.end() || kind->second == to_string(stream->kind));
            if (wanted) found.streams.push_back(*stream);
        }
    }
    if (found.streams.empty()) {
        auto all = parts_.media.images().all();
        for (const auto& each : parts_.media.sounds().all()) all.push_back(each);
        found.refused = plain_answer(status::not_found, fmt::format("streams=NAME,NAME: {}", names_of(all)));
    }
    return found;
}

}  // namespace streamhost::web
