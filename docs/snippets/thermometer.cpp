// A module with a device whose driver blocks: docs/writing-a-module.md.
#include <streamhost/module.hpp>

#include <fstream>
#include <optional>
#include <string>

namespace sh = streamhost;
using namespace std::chrono_literals;

struct thermometer_settings {
    std::string device = "/sys/class/thermal/thermal_zone0/temp";
    std::chrono::milliseconds period{1000};
};

class thermometer final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<thermometer, thermometer_settings>("lab.thermometer", "Temperature from a slow device")
            .setting("device", &thermometer_settings::device, "a file that holds thousandths of a degree").exclusive()
            .setting("period", &thermometer_settings::period, "time between readings").range(10ms, 1h).live()
            .output<sh::record>("records", "one per period").capture();
    }

    thermometer(sh::module_context& host, thermometer_settings chosen)
        : host_(host), chosen_(std::move(chosen)), records_(host.output<sh::record>("records")) {}

    /// Another period is taken while it runs: the setting is `live()`.
    void reconfigure(const thermometer_settings& chosen) {
        chosen_.period = chosen.period;
        if (beat_) beat_->set_period(chosen_.period);
    }

    sh::awaitable<void> run() override {
        auto& beat = beat_.emplace(host_.every(chosen_.period));
        for (;;) {
            const bool go_on = co_await beat.next();
            if (!go_on) break;
            // The driver may take 750 ms: on a worker thread it holds up nobody.
            auto work = [device = chosen_.device] { return read(device); };
            const auto degrees = co_await host_.blocking(std::move(work));
            host_.set_condition(degrees ? "" : "no thermometer at " + chosen_.device);
            if (!degrees) continue;
            sh::record reading{.value = {{"temperature_c", *degrees}}};
            co_await records_.send(std::move(reading));
        }
    }

private:
    static std::optional<double> read(const std::string& device) {
        std::ifstream file(device);
        double thousandths = 0;
        if (!(file >> thousandths)) return std::nullopt;
        return thousandths / 1000;
    }

    sh::module_context& host_;
    thermometer_settings chosen_;
    std::optional<sh::ticker> beat_;
    sh::output<sh::record> records_;
};
