#pragma once

#include "numbered_images.hpp"
#include "support/simulated_host.hpp"

#include <streamhost/module.hpp>
#include <streamhost/task_group.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

/// What the tests of the UDP modules have at both ends.
namespace streamhost::video::test {

struct images_settings {
    std::chrono::milliseconds period{100};
    std::int64_t count = 0;
};

/// Numbered pictures, 1 the first.
class image_source final : public module {
public:
    static inline std::function<encoded_image(std::uint32_t)> make = numbered_image;

    static module_info describe() {
        return streamhost::describe<image_source, images_settings>("test.images", "numbered pictures")
            .setting("period", &images_settings::period, "time between pictures")
            .setting("count", &images_settings::count, "how many, 0 for ever")
            .output<encoded_image>("images", "the pictures");
    }
    image_source(module_context& host, images_settings chosen)
        : host_(host), chosen_(chosen), images_(host.output<encoded_image>("images")) {}

    awaitable<void> run() override {
        auto beat = host_.every(chosen_.period);
        for (std::uint32_t i = 1; chosen_.count == 0 || i <= chosen_.count; ++i) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            auto image = make(i);
            co_await images_.send(std::move(image));
        }
    }

private:
    module_context& host_;
    images_settings chosen_;
    output<encoded_image> images_;
};

/// Who is in the chat, as a test says.
class chat_source final : public module {
public:
    static inline chat_source* one = nullptr;

    static module_info describe() {
        return streamhost::describe<chat_source>("test.chat", "says who is there").output<record>("peers", "them");
    }
    explicit chat_source(module_context& host) : host_(host), peers_(host.output<record>("peers")) { one = this; }
    ~chat_source() override { one = nullptr; }

    awaitable<void> run() override {
        while (!host_.draining()) co_await host_.sleep_for(std::chrono::hours(1));
    }
    void say(const std::string& address, bool joined) {
        peers_.post({boost::json::object{{"address", address}, {"joined", joined}}});
    }

private:
    module_context& host_;
    output<record> peers_;
};

class image_sink final : public module {
public:
    static inline std::vector<std::uint32_t> numbers;
    static inline std::vector<message<encoded_image>> images;
    static inline std::vector<steady_time> times;

    static module_info describe() {
        return streamhost::describe<image_sink>("test.sink", "notes pictures").input<encoded_image>("images", "them");
    }
    explicit image_sink(module_context& host) : host_(host), images_(host.input<encoded_image>("images")) {}

    awaitable<void> run() override {
        for (;;) {
            auto image = co_await images_.next();
            if (!image) break;
            numbers.push_back(number_of(*image));
            times.push_back(host_.clock().now());
            images.push_back(std::move(image));
        }
    }

private:
    module_context& host_;
    input<encoded_image> images_;
};

/// A machine of the simulated network that says what a test wants it to, and hears what comes.
class datagram_peer {
public:
    datagram_peer(simulation& in, const std::string& address)
        : world_(in), face_(in.add_host()), lane_(face_.make_lane("peer")), tasks_(lane_->own_executor()) {
        auto& net = in.net();
        port_ = net.open(*net.bind_datagrams(*net_address::parse(address)), *lane_, lane_->own_executor());
        tasks_.spawn(listen(*port_, *this));
    }
    virtual ~datagram_peer() {
        port_->cancel();
        world_.run_for(std::chrono::seconds(0));
        face_.end_lane(*lane_);
    }

    void say(std::string_view text, std::uint16_t port = 9699) { say(std::as_bytes(std::span(text)), port); }
    void say(std::span<const std::byte> datagram, std::uint16_t port = 9699) {
        said += datagram.size();
        EXPECT_TRUE(port_->send(datagram, {"127.0.0.1", port}));
    }
    /// To whom it heard last.
    void answer(std::span<const std::byte> datagram) { EXPECT_TRUE(port_->send(datagram, last_)); }

    std::size_t said = 0;   ///< bytes
    std::size_t heard = 0;  ///< bytes

protected:
    virtual void hear(std::span<const std::byte> datagram) = 0;

private:
    static awaitable<void> listen(datagram_port& port, datagram_peer& self) {
        std::vector<std::byte> room(65'536);
        for (;;) {
            const auto came = co_await port.receive(room);
            if (!came) break;
            if (came->refused) continue;
            self.heard += came->size;
            self.last_ = came->peer;
            self.hear(std::span<const std::byte>(room).first(came->size));
        }
    }

    simulation& world_;
    world& face_;
    std::unique_ptr<lane> lane_;
    std::unique_ptr<datagram_port> port_;
    net_address last_;
    task_group tasks_;
};

}  // namespace streamhost::video::test
