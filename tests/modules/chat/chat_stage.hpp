#pragma once

#include "client.hpp"
#include "console.hpp"
#include "server.hpp"
#include "support/stage.hpp"

#include <streamhost/wire/length_prefix.hpp>
#include <streamhost/wire/pickle.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace streamhost::chat::test {

using namespace std::chrono_literals;
using streamhost::test::scripted;

/// What a peer would write for these lines.
inline std::string bytes_of(chat_wire wire, const std::vector<std::string>& lines) {
    std::string bytes;
    for (const auto& line : lines) {
        for (const auto& piece : to_wire(wire, line).pieces) bytes += piece.as_text();
    }
    return bytes;
}

/// A connection by hand, made by a scripted instance. What it reads is kept.
struct raw_connection {
    stream session;
    std::string received;
    bool closed = false;  ///< by the other side

    std::string name() const { return session.local().to_string(); }
};

/// Notes who comes and goes: "+10.0.0.5:51234".
class presence_sink final : public module {
public:
    static module_info describe() {
        return streamhost::describe<presence_sink>("test.presence", "notes who comes and goes")
            .input<record>("peers", "records of address and joined");
    }
    explicit presence_sink(module_context& host) : peers_(host.input<record>("peers")) {}

    awaitable<void> run() override {
        for (;;) {
            const auto news = co_await peers_.next();
            if (!news) break;
            const auto& fields = news->value.as_object();
            const std::string address(fields.at("address").as_string());
            streamhost::test::stage::current()->note((fields.at("joined").as_bool() ? "+" : "-") + address);
        }
    }

private:
    input<record> peers_;
};

/// A peer: on the wire `pickle` two connections.
struct guest {
    std::shared_ptr<raw_connection> hears;
    std::shared_ptr<raw_connection> speaks;

    const std::string& received() const { return hears->received; }
    void leave() const {
        hears->session.close();
        speaks->session.close();
    }
};

/// A chat in a simulated host, in virtual time: a server or a client, who speaks to it from inside the host ("source") and
/// who hears it ("sink"), and peers made of bytes by one more instance ("peers").
class chat_stage : public streamhost::test::stage {
protected:
    static constexpr const char* server_address = "127.0.0.1:9698";
    static constexpr const char* below = "127.0.0.1:9697";

    /// The source sends what `say` is given, until the drain or `fall_silent`.
    void add_ends(const std::string& of) {
        add("source", {.run = [](scripted& self) -> awaitable<void> { co_await at(self).speak(self); }});
        add("sink", {.run = [](scripted& self) -> awaitable<void> {
                for (;;) {
                    const auto line = co_await self.in.next();
                    if (!line) break;
                    at(self).heard.push_back(*line);
                }
                self.at.note("sink ends");
            }});
        graph.link("source.out", of + ".outgoing");
        graph.link(of + ".incoming", "sink.in", sink_queue);
    }
    void add_server(boost::json::object settings) {
        auto& plan = graph.add<server>("chat", std::move(settings));
        plan.viewers = viewers;
    }

    static chat_stage& at(scripted& self) { return static_cast<chat_stage&>(self.at); }

    void say(std::string line, std::string recipient = {}) {
        to_say_.push_back({.line = std::move(line), .recipient = std::move(recipient)});
        said_.set();
    }
    void fall_silent() {
        silent_ = true;
        said_.set();
    }

    std::vector<std::string> heard_lines() const {
        std::vector<std::string> lines;
        for (const auto& each : heard) lines.push_back(each.line);
        return lines;
    }

    std::uint64_t metric(const std::string& name, const std::string& of = "chat") const {
        for (const auto& each : instance(of).metrics) {
            if (each.name == name) return each.value;
        }
        throw std::logic_error("no metric " + name);
    }

    /// Runs the host and the body, as a coroutine of the instance "peers"; then the host drains.
    int play(std::function<awaitable<void>(scripted&)> body) {
        static std::function<awaitable<void>(scripted&)> played;
        played = std::move(body);
        add("peers", {.run = [](scripted& self) -> awaitable<void> {
                co_await played(self);
                self.host.stop_host("the play is over");
            }});
        return run();
    }

    /// Dials, and from then on keeps what comes.
    static awaitable<std::shared_ptr<raw_connection>> connect(scripted& self, std::string address) {
        auto dialled = co_await self.host.network().dial(address);
        EXPECT_TRUE(dialled) << dialled.error().message();
        std::shared_ptr<raw_connection> made;
        if (dialled) made = keep_receiving(self, std::move(*dialled));
        co_await self.host.sleep_for(10ms);
        co_return made;
    }
    static std::shared_ptr<raw_connection> keep_receiving(scripted& self, stream session) {
        auto made = std::make_shared<raw_connection>();
        made->session = std::move(session);
        self.host.spawn(receive(made));
        return made;
    }
    static awaitable<guest> join(scripted& self, chat_wire wire) {
        guest made;
        made.hears = co_await connect(self, server_address);
        made.speaks = made.hears;
        if (wire == chat_wire::pickle) made.speaks = co_await connect(self, below);
        co_return made;
    }
    static awaitable<void> send(std::shared_ptr<raw_connection> to, std::string bytes) {
        const auto done = co_await to->session.write(asio::buffer(bytes), 60s);
        (void)done;
    }

    std::vector<text> heard;
    queue_options sink_queue = usual_queue(queue_policy::wait);
    viewer_options viewers;  ///< of the server, before it is added

private:
    static awaitable<void> receive(std::shared_ptr<raw_connection> from) {
        std::array<std::byte, 4096> buffer;
        for (;;) {
            const auto count = co_await from->session.read_some(buffer);
            if (!count) break;
            from->received.append(reinterpret_cast<const char*>(buffer.data()), *count);
        }
        from->closed = true;
    }

    awaitable<void> speak(scripted& self) {
        const drain_state::watch on_drain(self.host.drain(), [this] { said_.set(); });
        for (;;) {
            while (!to_say_.empty()) {
                auto line = to_say_.front();
                to_say_.erase(to_say_.begin());
                co_await self.out.send(std::move(line));
            }
            if (silent_ || self.host.draining()) break;
            co_await said_.wait();
        }
    }

    std::vector<text> to_say_;
    event said_;
    bool silent_ = false;
};

}  // namespace streamhost::chat::test
