#pragma once

#include "websocket.hpp"

#include <streamhost/event.hpp>
#include <streamhost/module.hpp>
#include <streamhost/outbox.hpp>
#include <streamhost/pace.hpp>

#include <boost/json/object.hpp>

#include <functional>
#include <memory>
#include <string>

namespace streamhost::web {

/// One page at `/ws/control`: its socket, and what waits for it, which is bounded whatever the page does. Two
/// coroutines serve it, both of the module; they hold it by a shared pointer. Confined to the lane.
class control_session : public std::enable_shared_from_this<control_session> {
public:
    static constexpr std::size_t message_bytes = 64 * 1024;
    static constexpr double messages_per_second = 50;
    static constexpr double most_messages = 100;  ///< at once
    static constexpr double pings_per_second = 5;
    static constexpr double most_pings = 10;
    static constexpr auto ping_every = std::chrono::seconds(10);
    static constexpr auto longest_silence = std::chrono::seconds(30);
    static constexpr auto farewell_limit = std::chrono::seconds(1);

    /// What waits for a page, each with a queue of its own.
    enum channel : std::size_t { hello, operating, graph, chat, first_record };

    control_session(module_context& host, stream session, std::string id, bool admin, std::size_t record_streams);

    const std::string& id() const noexcept { return id_; }
    bool admin() const noexcept { return admin_; }
    std::string address() const { return session_.remote().to_string(); }

    std::string name;          ///< that its user chose; else empty
    bool watches_graph = false;

    /// For everybody who gets it.
    static std::shared_ptr<const wire_message> make(const boost::json::object& content);
    void post(std::size_t channel, std::shared_ptr<const wire_message> content);
    void post(std::size_t channel, const boost::json::object& content) { post(channel, make(content)); }
    /// To what the page has asked; ahead of the rest. A page that asks and does not read is cut.
    void reply(const boost::json::object& content);

    /// Says why, waits for the page's own close, and closes.
    void end(ws_status why);

    /// Reads until the end of the session. `hear` gets each message of the page.
    awaitable<void> read(std::function<void(const boost::json::object&)> hear);
    /// Writes what waits until the end of the session.
    awaitable<void> write();

private:
    bool take(std::span<const std::byte> bytes, const std::function<void(const boost::json::object&)>& hear);
    void take_message(ws_opcode opcode, std::span<const std::byte> payload,
                      const std::function<void(const boost::json::object&)>& hear);
    void send_or_cut(wire_message content);

    module_context& host_;
    stream session_;
    const std::string id_;
    const bool admin_;
    frame_reader frames_{message_bytes};
    pace messages_{messages_per_second, most_messages};
    pace pings_{pings_per_second, most_pings};
    outbox out_;
    event has_more_;
    std::shared_ptr<const wire_message> last_word_;
    bool over_ = false;  ///< nothing is written any more
};

}  // namespace streamhost::web
