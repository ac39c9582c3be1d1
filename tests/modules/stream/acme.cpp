// A module library of somebody else's: a message type of its own, what makes it and what shows it.
#include "modules/stream/scan.hpp"

#include <streamhost/module.hpp>

#include <chrono>
#include <iostream>

namespace {

namespace sh = streamhost;
using namespace std::chrono_literals;

class lidar final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<lidar>("acme.lidar", "a scan every 20 ms").output<sh::test::scan>("scans", "numbered");
    }
    explicit lidar(sh::module_context& host) : host_(host), scans_(host.output<sh::test::scan>("scans")) {}

    sh::awaitable<void> run() override {
        auto beat = host_.every(20ms);
        for (std::uint32_t i = 1;; ++i) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            sh::test::scan made{i, {0.5F * static_cast<float>(i)}};
            co_await scans_.send(std::move(made));
        }
    }

private:
    sh::module_context& host_;
    sh::output<sh::test::scan> scans_;
};

/// Prints "scan NUMBER RANGE" to standard output.
class map final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<map>("acme.map", "prints scans").input<sh::test::scan>("scans", "to print");
    }
    explicit map(sh::module_context& host) : scans_(host.input<sh::test::scan>("scans")) {}

    sh::awaitable<void> run() override {
        for (;;) {
            const auto scan = co_await scans_.next();
            if (!scan) break;
            std::cout << "scan " << scan->number << ' ' << scan->ranges.at(0) << std::endl;
        }
    }

private:
    sh::input<sh::test::scan> scans_;
};

}  // namespace

STREAMHOST_MODULES(lidar, map)
