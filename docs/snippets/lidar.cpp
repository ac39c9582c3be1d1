// A module that a vendor's callback thread feeds, with a message type of its own: docs/writing-a-module.md.
#include <streamhost/module.hpp>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

namespace sh = streamhost;
using namespace std::chrono_literals;

/// One turn of the scanner: a distance for each angle, in metres.
struct scan {
    std::vector<float> ranges;
};

/// What the vendor gives you: it calls back from a thread of its own.
class vendor_scanner {
public:
    explicit vendor_scanner(std::function<void(const float* ranges, std::size_t count)> on_scan)
        : on_scan_(std::move(on_scan)), thread_([this] { turn(); }) {}
    ~vendor_scanner() {
        stop_ = true;
        thread_.join();
    }

private:
    void turn() {
        const std::vector<float> ranges(360, 1.5f);
        while (!stop_) {
            on_scan_(ranges.data(), ranges.size());
            std::this_thread::sleep_for(100us);
        }
    }

    std::function<void(const float*, std::size_t)> on_scan_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

template <>
struct sh::message_traits<scan> {
    static constexpr std::string_view name = "lidar.scan";
    static constexpr std::uint32_t version = 1;
    // Live data: a newer scan takes the place of one that waits.
    static constexpr sh::queue_defaults defaults{sh::usual_queue(sh::queue_policy::latest), sh::usual_queue(sh::queue_policy::latest)};

    // With these two it may leave the host. What `decode` gets may be anything.
    static sh::shared_bytes encode(const scan& value) {
        return sh::shared_bytes::adopt(value.ranges);
    }
    static sh::result<scan> decode(const sh::shared_bytes& data) {
        if (data.size() % sizeof(float) != 0) return sh::errc::malformed;
        scan value{std::vector<float>(data.size() / sizeof(float))};
        std::memcpy(value.ranges.data(), data.data(), data.size());
        return value;
    }
};

class lidar final : public sh::module {
public:
    static sh::module_info describe() {
        return sh::describe<lidar>("lidar.scanner", "Scans from a vendor's library")
            .output<scan>("scans", "one per turn").capture();
    }

    explicit lidar(sh::module_context& host) : host_(host), scans_(host.output<scan>("scans")) {}

    sh::awaitable<void> run() override {
        // `post` is the one call that any thread may make.
        vendor_scanner scanner([scans = scans_](const float* ranges, std::size_t count) mutable {
            scans.post(scan{{ranges, ranges + count}});
        });
        while (!host_.draining()) co_await host_.sleep_for(1h);
    }  // the scanner's thread has ended before the ports go

private:
    sh::module_context& host_;
    sh::output<scan> scans_;
};
