#include "control_room.hpp"

#include <streamhost/host.hpp>
#include <streamhost/host_view.hpp>
#include <streamhost/wire/utf8.hpp>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace streamhost::web {
namespace {

namespace json = boost::json;

constexpr double ns_per_ms = 1e6;
constexpr std::size_t most_lines_waiting = 64;
constexpr std::size_t most_commands_waiting = 8;

std::string text_in(const json::object& said, std::string_view key) {
    const auto* const value = said.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_in(const json::object& said, std::string_view key) {
    const auto* const value = said.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::optional<double> number_in(const json::object& said, std::string_view key) {
    const auto* const value = said.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

json::object error(std::string_view why) { return {{"type", "error"}, {"text", why}}; }

bool has_controls(std::string_view text) { return utf8::escape_controls(text) != text; }

/// At most so many bytes, and no part of a character.
std::string cut_to(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return std::string(text);
    while (bytes > 0 && (text[bytes] & 0xC0) == 0x80) --bytes;
    return std::string(text.substr(0, bytes));
}

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

control_room::control_room(module_context& host, control_settings chosen,
                           std::function<std::vector<live_stream>()> streams, std::function<json::object()> graph,
                           std::uint16_t first_id)
    : host_(host),
      chosen_(std::move(chosen)),
      streams_(std::move(streams)),
      graph_(std::move(graph)),
      readings_(stream_kind::record, most_readings, first_id),
      texts_(stream_kind::text, most_texts, static_cast<std::uint16_t>(first_id + 0x4000)),
      lines_(host.output<text>("lines"), most_lines_waiting),
      commands_(host.output<record>("commands"), most_commands_waiting),
      count_pages_(host.metric("pages", "pages that are open now")),
      count_lines_(host.metric("lines_typed", "lines that were typed on a page")),
      count_commands_(host.metric("commands_sent", "commands of operators that were handed on")),
      count_late_(host.metric("commands_late", "commands that were older than `max_age_ms`")),
      count_refused_(host.metric("commands_refused",
                                 "commands of somebody who does not drive, or faster than they are taken")),
      count_stops_(host.metric("stops", "times that what moved was stopped from here")),
      newest_(most_readings),
      seat_(chosen_.deadman),
      silence_(host.timers()) {}

double control_room::wall_ms() const { return static_cast<double>(host_.clock().wall_ns()) / ns_per_ms; }

std::string control_room::shown_name(const control_session& page) const {
    return page.name.empty() ? page.address() : page.name;
}

// --- what pages are told -------------------------------------------------------------------------------------------

json::object control_room::hello_for(const control_session& page) const {
    json::array streams;
    for (const auto& each : streams_()) {
        streams.push_back(json::object{{"name", each.name}, {"kind", to_string(each.kind)}, {"id", each.id}});
    }
    return {{"type", "hello"},
            {"title", chosen_.title},
            {"host", host_.view().snapshot().name},
            {"streams", std::move(streams)},
            {"admin", page.admin()},
            {"session", page.id()},
            {"operator", seat_.now().session.empty() ? json::value() : json::value(seat_.now().name)},
            {"can_drive", commands_.linked()},
            {"can_chat", lines_.linked() || !texts_.all().empty()},
            {"version", version()}};
}

json::object control_room::operator_for(const control_session& page) const {
    const auto& who = seat_.now();
    const bool nobody = who.session.empty();
    return {{"type", "operator"},
            {"name", nobody ? json::value() : json::value(who.name)},
            {"session", nobody ? json::value() : json::value(who.session)},
            {"you", seat_.is(page.id())}};
}

void control_room::greet(const page& newcomer) {
    newcomer->post(control_session::hello, hello_for(*newcomer));
    newcomer->post(control_session::operating, operator_for(*newcomer));
    json::array lines(history_.begin(), history_.end());
    if (!lines.empty()) newcomer->post(control_session::chat, {{"type", "chat"}, {"lines", std::move(lines)}});
    for (const auto& each : readings_.all()) {
        const auto& newest = newest_[each.place].newest;
        if (newest) newcomer->post(control_session::first_record + each.place, newest);
    }
}

void control_room::tell_streams() {
    std::string now;
    for (const auto& each : streams_()) now += fmt::format("{} {} {}\n", each.id, to_string(each.kind), each.name);
    now += fmt::format("{} {}", commands_.linked(), lines_.linked());
    if (std::exchange(told_, now) == now) return;
    for (const auto& each : pages_) each->post(control_session::hello, hello_for(*each));
}

void control_room::add_line(json::object line) {
    history_.push_back(line);
    if (history_.size() > history_lines) history_.pop_front();
    json::array lines;
    lines.push_back(std::move(line));
    const auto content = control_session::make({{"type", "chat"}, {"lines", std::move(lines)}});
    for (const auto& each : pages_) each->post(control_session::chat, content);
}

void control_room::take(const message<text>& line, const link_source& from) {
    const auto* const stream = texts_.find(from);
    if (stream == nullptr) return;
    const auto& header = line.header();
    const auto time = header.wall_ns != 0 ? static_cast<double>(header.wall_ns) / ns_per_ms : wall_ms();
    add_line({{"from", line->sender.empty() ? stream->name : line->sender},
              {"line", cut_to(line->line, longest_line)},
              {"time", time},
              {"stream", stream->name}});
}

void control_room::update_readings(const std::vector<link_source>& sources) {
    for (const auto place : readings_.update(sources)) newest_[place] = {};
}

void control_room::take(const message<record>& reading, const link_source& from) {
    const auto* const stream = readings_.find(from);
    if (stream == nullptr) return;
    auto& place = newest_[stream->place];
    const auto& header = reading.header();
    const auto time = header.wall_ns != 0 ? static_cast<double>(header.wall_ns) / ns_per_ms : wall_ms();
    place.newest = control_session::make(
        {{"type", "record"}, {"stream", stream->name}, {"time", time}, {"value", reading->value}});
    const auto now = host_.clock().now();
    if (now >= place.free_at) {
        send_reading(stream->place);
    } else if (!place.later) {
        place.later = std::make_unique<timer>(host_.timers());
        place.later->start(place.free_at, [this, number = stream->place] { send_reading(number); });
    }
}

void control_room::send_reading(std::size_t number) {
    auto& place = newest_[number];
    place.later.reset();
    if (!place.newest) return;
    place.free_at = host_.clock().now() + reading_pause;
    for (const auto& each : pages_) each->post(control_session::first_record + number, place.newest);
}

awaitable<void> control_room::show_graph() {
    auto beat = host_.every(graph_period);
    for (;;) {
        const bool go_on = co_await beat.next();
        if (!go_on) break;
        tell_streams();
        const auto watches = [](const page& each) { return each->watches_graph; };
        if (std::ranges::none_of(pages_, watches)) continue;
        auto now = graph_();
        now["type"] = "graph";
        const auto content = control_session::make(now);
        for (const auto& each : pages_) {
            if (each->watches_graph) each->post(control_session::graph, content);
        }
    }
}

// --- what pages say ------------------------------------------------------------------------------------------------

awaitable<void> control_room::serve(stream session, bool admin) {
    auto id = std::to_string(next_page_++);
    const auto here = std::make_shared<control_session>(host_, std::move(session), std::move(id), admin, most_readings);
    pages_.push_back(here);
    count_pages_.set(pages_.size());
    host_.log().debug("page {} at {} opens; {} are here", here->id(), here->address(), pages_.size());
    greet(here);
    host_.spawn(here->write());
    std::function<void(const json::object&)> listens = [this, &here](const json::object& said) { hear(here, said); };
    co_await here->read(std::move(listens));
    std::erase(pages_, here);
    count_pages_.set(pages_.size());
    host_.log().debug("page {} has gone", here->id());
    apply(seat_.leave(here->id(), "the operator's session has ended"));
}

void control_room::hear(const page& from, const json::object& said) {
    const auto received_ms = wall_ms();
    const auto type = text_in(said, "type");
    if (type == "clock") return answer_clock(from, said, received_ms);
    if (type == "command") return take_command(from, said);
    if (type == "operate") return take_wish_to_operate(from, said);
    if (type == "name") return take_name(from, said);
    if (type == "chat") return take_line(from, said);
    if (type == "log") return answer_log(from, said);
    if (type == "watch") {
        from->watches_graph = flag_in(said, "graph");
        return;
    }
    from->reply(error("an unknown type of message"));
}

void control_room::answer_clock(const page& from, const json::object& said, double received_ms) {
    const auto sent = number_in(said, "t0");
    if (!sent) return from->reply(error("a clock message has its t0"));
    from->reply({{"type", "clock"}, {"t0", *sent}, {"t1", received_ms}, {"t2", wall_ms()}});
}

void control_room::answer_log(const page& from, const json::object& said) {
    const auto instance = text_in(said, "instance");
    json::array lines;
    for (const auto& each : host_.view().log_tail(instance)) lines.emplace_back(each);
    from->reply({{"type", "log"}, {"instance", instance}, {"lines", std::move(lines)}});
}

void control_room::take_name(const page& from, const json::object& said) {
    const auto name = text_in(said, "name");
    if (characters(name) > longest_name || has_controls(name)) {
        return from->reply(error("a name has at most 64 characters, and no control characters"));
    }
    from->name = name;
    apply(seat_.rename({from->id(), shown_name(*from)}));
}

void control_room::take_line(const page& from, const json::object& said) {
    const auto line = text_in(said, "line");
    if (line.empty()) return;
    if (line.size() > longest_line || has_controls(line)) {
        return from->reply(error("a line has at most 4096 bytes, and no control characters"));
    }
    if (closed_ || (lines_.linked() && !lines_.send({.line = line, .sender = shown_name(*from)}))) {
        return from->reply(error("the line was not sent: too many wait"));
    }
    count_lines_.add();
    add_line({{"from", shown_name(*from)}, {"line", line}, {"time", wall_ms()}, {"stream", ""}});
}

void control_room::take_wish_to_operate(const page& from, const json::object& said) {
    if (!commands_.linked() || closed_) return from->reply(error("there is nothing to drive here"));
    if (flag_in(said, "take")) {
        apply(seat_.take({from->id(), shown_name(*from)}, flag_in(said, "force")));
        if (!seat_.is(from->id())) from->reply(error(fmt::format("{} drives", seat_.now().name)));
    } else {
        apply(seat_.leave(from->id(), "the operator has let go"));
    }
}

void control_room::take_command(const page& from, const json::object& said) {
    const auto* const value = said.if_contains("value");
    const auto time = number_in(said, "time");
    if (value == nullptr || !value->is_object() || !time || !std::isfinite(*time)) {
        return from->reply(error("a command has its time and an object as its value"));
    }
    if (!seat_.is(from->id()) || closed_) return count_refused_.add();
    const auto age_ms = std::max(0.0, wall_ms() - *time);
    if (age_ms > static_cast<double>(chosen_.max_age.count())) return count_late_.add();
    auto command = value->get_object();
    command["age_ms"] = age_ms;
    command["operator"] = seat_.now().name;
    if (!commands_.send({std::move(command)})) return count_refused_.add();
    count_commands_.add();
    seat_.note_command(host_.clock().now());
    watch_silence();
}

// --- who drives ----------------------------------------------------------------------------------------------------

void control_room::watch_silence() {
    const auto due = seat_.stop_due();
    if (!due) return silence_.stop();
    silence_.start(*due, [this] {
        if (const auto why = seat_.silence(host_.clock().now())) stop(*why);
        else watch_silence();
    });
}

/// What was commanded before is worth nothing any more.
void control_room::stop(const std::string& why) {
    count_stops_.add();
    host_.log().info("stop: {}", why);
    json::object content{{"stop", true}, {"reason", why}};
    commands_.send_instead({std::move(content)});
}

void control_room::apply(const operator_seat::change& change) {
    if (change.stop) stop(*change.stop);
    if (!change.happened) return;
    watch_silence();
    for (const auto& each : pages_) each->post(control_session::operating, operator_for(*each));
}

void control_room::close() {
    if (std::exchange(closed_, true)) return;
    if (!seat_.now().session.empty()) apply(seat_.leave(seat_.now().session, "the console ends"));
    commands_.close();
    lines_.close();
}

void control_room::dismiss_pages() {
    for (const auto& each : pages_) each->end(ws_status::going_away);
}

}  // namespace streamhost::web
