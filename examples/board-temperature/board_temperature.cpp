// board.temperature: how warm the processor is, as Linux shows it (Documentation/ABI/testing/sysfs-class-thermal).
// A board without that file is a state, not an error: the sensor may appear later.
#include <streamhost/module.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <fstream>
#include <optional>
#include <string>

namespace sh = streamhost;
using namespace std::chrono_literals;

namespace {

struct settings {
    std::string file = "/sys/class/thermal/thermal_zone0/temp";
    std::chrono::milliseconds period{1000};
    double hot = 80;
};

class board_temperature final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<board_temperature, settings>("board.temperature", "How warm the processor is")
            .setting("file", &settings::file, "where the kernel shows it, in thousandths of a degree")
            .setting("period", &settings::period, "time between readings").range(10ms, 1h)
            .setting("hot", &settings::hot, "from where on it is said to be hot").range(-40, 150).unit("°C")
            .output<sh::record>("readings", "one per period: {\"celsius\": 51.5}").capture();
    }

    board_temperature(sh::module_context& host, settings chosen)
        : host_(host), chosen_(std::move(chosen)), readings_(host.output<sh::record>("readings")) {}

    sh::awaitable<void> run() override {
        const auto look = [this] { return read(); };
        auto beat = host_.every(chosen_.period);
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            const auto celsius = co_await host_.blocking(look);  // some sensors take milliseconds to answer
            if (!celsius) {
                host_.set_condition("no sensor: " + chosen_.file + " cannot be read");
                continue;
            }
            host_.set_condition(*celsius >= chosen_.hot ? "hot" : "");
            sh::record reading{boost::json::object{{"celsius", *celsius}}};
            co_await readings_.send(std::move(reading));
        }
    }

private:
    /// On a worker: uses nothing that changes.
    std::optional<double> read() const {
        std::ifstream file(chosen_.file);
        double thousandths = 0;
        if (!(file >> thousandths)) return std::nullopt;
        return thousandths / 1000;
    }

    sh::module_context& host_;
    const settings chosen_;
    sh::output<sh::record> readings_;
};

}  // namespace

STREAMHOST_MODULES(board_temperature)
