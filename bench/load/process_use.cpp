#include "process_use.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace bench {
namespace {

namespace fs = std::filesystem;

const double ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));

/// In ticks of 10 ms, of threads that have ended too.
double coarse_cpu_s(const std::string& folder) {
    std::ifstream file(folder + "/stat");
    std::string line;
    std::getline(file, line);
    const auto name_end = line.rfind(')');
    if (name_end == line.npos) return 0;
    std::istringstream fields(line.substr(name_end + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    return (user + system) / ticks_per_s;
}

/// In nanoseconds, of the threads that live.
double fine_cpu_s(const std::string& folder, int& threads) {
    double sum = 0;
    std::error_code gone;
    for (const auto& thread : fs::directory_iterator(folder + "/task", gone)) {
        double ns = 0;
        std::ifstream(thread.path() / "schedstat") >> ns;
        sum += ns / 1e9;
        ++threads;
    }
    return sum;
}

long resident_kb(const std::string& folder) {
    std::ifstream file(folder + "/status");
    constexpr std::string_view key = "VmRSS:";
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(key)) return std::stol(line.substr(key.size()));
    }
    return 0;
}

}  // namespace

process_use use_of(const std::vector<pid_t>& processes) {
    process_use sum;
    for (const auto process : processes) {
        const auto folder = "/proc/" + std::to_string(process);
        const double coarse = coarse_cpu_s(folder);
        const double fine = fine_cpu_s(folder, sum.threads);
        sum.cpu_s += fine > coarse - 1 ? fine : coarse;  // threads that took more than that have ended
        sum.rss_kb += resident_kb(folder);
    }
    return sum;
}

machine_use use_of_machine() {
    std::ifstream file("/proc/stat");
    std::string name;
    std::array<double, 8> ticks{};  // user nice system idle iowait irq softirq steal
    file >> name;
    for (auto& each : ticks) file >> each;
    return {(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / ticks_per_s, ticks[7] / ticks_per_s};
}

}  // namespace bench
