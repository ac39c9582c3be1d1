#pragma once

#include "control_session.hpp"
#include "operator_seat.hpp"
#include "steady_sender.hpp"
#include "stream_list.hpp"

#include <streamhost/module.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace streamhost::web {

struct control_settings {
    std::string title;
    std::chrono::milliseconds deadman{300};
    std::chrono::milliseconds max_age{500};
};

/// What all pages at `/ws/control` have in common: the chat and its history, the newest readings, who drives, and who
/// wants to see the graph. docs/console.md has the messages. Confined to the module's lane.
class control_room {
public:
    static constexpr std::size_t most_pages = 64;
    static constexpr std::size_t most_readings = 64;  ///< streams of records
    static constexpr std::size_t most_texts = 64;     ///< streams of text
    static constexpr std::size_t history_lines = 200;
    static constexpr std::size_t longest_line = 4096;  ///< bytes
    static constexpr std::size_t longest_name = 64;    ///< characters
    static constexpr auto reading_pause = std::chrono::milliseconds(50);  ///< between two of one stream
    static constexpr auto graph_period = std::chrono::milliseconds(500);

    /// `streams`: all that there are; `graph`: as /graph.json has it.
    control_room(module_context& host, control_settings chosen, std::function<std::vector<live_stream>()> streams,
                 std::function<boost::json::object()> graph, std::uint16_t first_id);

    stream_list& readings() noexcept { return readings_; }
    stream_list& texts() noexcept { return texts_; }
    const stream_list& readings() const noexcept { return readings_; }
    const stream_list& texts() const noexcept { return texts_; }
    void update_readings(const std::vector<link_source>& sources);

    void take(const message<text>& line, const link_source& from);
    void take(const message<record>& reading, const link_source& from);

    bool has_room() const noexcept { return pages_.size() < most_pages; }
    /// Serves a page until its session ends. The module spawns it.
    awaitable<void> serve(stream session, bool admin);

    /// Streams or links have changed: everybody is told, where it makes a difference.
    void tell_streams();

    /// Sends what is said and commanded on the outputs; spawned by the module. They end after `close()`.
    awaitable<void> send_lines() { return lines_.run(); }
    awaitable<void> send_commands() { return commands_.run(); }
    /// To those who watch, as long as the module runs.
    awaitable<void> show_graph();

    /// Stops what moves, takes no more from the pages, and ends the outputs.
    void close();
    /// Says goodbye to the pages.
    void dismiss_pages();

private:
    using page = std::shared_ptr<control_session>;

    struct reading_place {
        std::shared_ptr<const wire_message> newest;
        steady_time free_at{};  ///< the next one may go out then
        std::unique_ptr<timer> later;
    };

    void hear(const page& from, const boost::json::object& said);
    void take_name(const page& from, const boost::json::object& said);
    void take_line(const page& from, const boost::json::object& said);
    void take_wish_to_operate(const page& from, const boost::json::object& said);
    void take_command(const page& from, const boost::json::object& said);
    void answer_clock(const page& from, const boost::json::object& said, double received_ms);
    void answer_log(const page& from, const boost::json::object& said);

    boost::json::object hello_for(const control_session& page) const;
    boost::json::object operator_for(const control_session& page) const;
    void greet(const page& newcomer);
    void add_line(boost::json::object line);
    void send_reading(std::size_t place);
    void apply(const operator_seat::change& change);
    void stop(const std::string& why);
    void watch_silence();
    double wall_ms() const;
    std::string shown_name(const control_session& page) const;

    module_context& host_;
    control_settings chosen_;
    std::function<std::vector<live_stream>()> streams_;
    std::function<boost::json::object()> graph_;
    stream_list readings_;
    stream_list texts_;
    steady_sender<text> lines_;
    steady_sender<record> commands_;
    counter& count_pages_;
    counter& count_lines_;
    counter& count_commands_;
    counter& count_late_;
    counter& count_refused_;
    counter& count_stops_;
    std::vector<page> pages_;
    std::deque<boost::json::object> history_;
    std::vector<reading_place> newest_;
    operator_seat seat_;
    timer silence_;
    std::string told_;  ///< what the last greeting depended on
    std::uint64_t next_page_ = 1;
    bool closed_ = false;
};

}  // namespace streamhost::web
