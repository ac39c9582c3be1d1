#pragma once

/// What such files look like (proc(5)); the figures are made up.
namespace streamhost::sensor::test {

inline constexpr const char* stat_text =
    "cpu  1000 20 300 8000 100 0 30 0 0 0\n"
    "cpu0 500 10 150 4000 50 0 15 0 0 0\n"
    "cpu1 500 10 150 4000 50 0 15 0 0 0\n"
    "intr 199292 0 0 0\nctxt 288\nbtime 1700000000\n";

inline constexpr const char* later_stat_text =
    "cpu  1100 20 350 8050 100 0 30 0 0 0\n"
    "cpu0 500 10 150 4000 50 0 15 0 0 0\n";

inline constexpr const char* loadavg_text = "0.52 0.58 10.59 1/312 4711\n";

inline constexpr const char* meminfo_text =
    "MemTotal:        3884392 kB\n"
    "MemFree:         2718892 kB\n"
    "MemAvailable:    3253960 kB\n"
    "Buffers:           58340 kB\n"
    "HugePages_Total:       0\n";

inline constexpr const char* net_dev_text =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n"
    "    lo:  999999    1042    0    0    0     0          0         0  999999    1042    0    0    0     0       0          0\n"
    "  eth0:    1500      12    0    0    0     0          0         0    2500      14    0    0    0     0       0          0\n"
    " wlan0:12345678901 100    0    0    0     0          0         0   77777     200    0    0    0     0       0          0\n";

inline constexpr const char* later_net_dev_text =
    "Inter-|\n face |\n"
    "  eth0:    3500      12    0    0    0     0          0         0    2700      14    0    0    0     0       0          0\n"
    " wlan0:     100     100    0    0    0     0          0         0   77777     200    0    0    0     0       0          0\n"
    "  usb0:     100     100    0    0    0     0          0         0     100     200    0    0    0     0       0          0\n";

}  // namespace streamhost::sensor::test
