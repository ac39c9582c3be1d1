#pragma once

#include "process_use.hpp"
#include "viewer.hpp"

#include <boost/json/object.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct crowd_options {
    std::uint16_t port = 0;
    wire kind = wire::length;
    std::string path;
    std::size_t viewers = 1;
    double connect_pause_ms = 1;   ///< between two of them, for servers that listen with a short backlog
    double warm_up_s = 2;
    double seconds = 5;            ///< measured
    double fps = 30;               ///< what the source makes
    std::size_t frame_bytes = 32'768;  ///< content of a frame

    double slow_share = 0;         ///< of the viewers: read `slow_rate`
    double slow_rate = 100'000;    ///< bytes a second
    double pausing_share = 0;      ///< read nothing for 8 s in every 20
    double stopped_share = 0;      ///< read nothing any more once the measurement has begun
    std::size_t joiners = 0;       ///< come within one second of the measurement
    std::size_t late = 0;          ///< come one after the other when it is over

    std::vector<pid_t> servers;    ///< whose use of the machine is measured
};

/// Many viewers of one stream, on one thread.
class crowd final : viewer::observer {
public:
    explicit crowd(crowd_options chosen);

    /// Connects them, measures, and reports what `bench_load --help` names. Throws `std::runtime_error`.
    boost::json::object run();

private:
    enum class habit { steady, slow, pausing, stopped };
    static constexpr std::size_t habits = 4;

    /// What a viewer has had.
    struct record {
        habit how = habit::steady;
        bool joined_late = false;
        bool in_poll = false;
        std::int64_t first_ns = 0;    ///< its first frame
        std::uint64_t last_number = 0;
        std::uint64_t frames = 0;     ///< distinct ones, within the measurement, as the next
        std::uint64_t missed = 0;     ///< gaps in their numbers
        double budget = 0;            ///< bytes that a slow one may read
        std::int64_t resumed_ns = 0;  ///< waits since then for a frame made after that
    };

    void take_frame(viewer& by, const stamp& made, std::string_view last_bytes) override;

    void choose_habits();
    void connect(habit how, bool late);
    void connect_first();
    void serve_until(std::int64_t end_ns);
    void read_events(int timeout_ms);
    void read_slowly(std::int64_t now);
    void pause_and_resume(std::int64_t now);
    void join(std::int64_t now);
    void measure();
    void join_one_by_one();
    void poll_for(std::size_t place, std::uint32_t events);
    void stop_polling(std::size_t place);
    void read(std::size_t place, std::size_t budget);
    void sample(std::int64_t now);

    boost::json::object report() const;
    boost::json::object report_of(habit how) const;

    crowd_options options_;
    descriptor poll_;
    std::vector<habit> habits_;
    std::vector<viewer> viewers_;
    std::vector<record> records_;
    std::array<std::vector<float>, habits> ages_ms_;
    std::vector<float> fresh_ms_;
    std::vector<float> late_ms_;
    std::string usual_end_;  ///< the last bytes of the first frame
    std::uint64_t torn_ = 0;
    std::int64_t last_slow_ns_ = 0;
    std::int64_t last_sample_ns_ = 0;

    bool measuring_ = false;
    std::int64_t begin_ns_ = 0, end_ns_ = 0;
    process_use server_before_, server_after_, own_before_, own_after_;
    machine_use machine_before_, machine_after_;
    long most_rss_kb_ = 0;
};

}  // namespace bench
