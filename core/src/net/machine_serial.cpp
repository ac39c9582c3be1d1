#include "net/machine_serial.hpp"

#include <streamhost/serial.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <termios.h>

#include <algorithm>
#include <array>

namespace streamhost {
namespace {

struct speed_code {
    unsigned baud;
    speed_t code;
};
constexpr std::array speed_codes{
    speed_code{1200, B1200},       speed_code{2400, B2400},       speed_code{4800, B4800},
    speed_code{9600, B9600},       speed_code{19200, B19200},     speed_code{38400, B38400},
    speed_code{57600, B57600},     speed_code{115200, B115200},   speed_code{230400, B230400},
    speed_code{460800, B460800},   speed_code{500000, B500000},   speed_code{576000, B576000},
    speed_code{921600, B921600},   speed_code{1000000, B1000000}, speed_code{1152000, B1152000},
    speed_code{1500000, B1500000}, speed_code{2000000, B2000000}, speed_code{2500000, B2500000},
    speed_code{3000000, B3000000}, speed_code{3500000, B3500000}, speed_code{4000000, B4000000},
};

constexpr auto speeds = [] {
    std::array<unsigned, speed_codes.size()> all{};
    std::ranges::transform(speed_codes, all.begin(), &speed_code::baud);
    return all;
}();

error_code of_errno(int number) { return {number, boost::system::system_category()}; }

/// Bytes as they are, eight bits without parity, no flow control.
error_code make_raw(int port, speed_t speed) {
    termios mode{};
    if (::tcgetattr(port, &mode) != 0) return last_error();
    ::cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    // Without HUPCL the line that resets many boards stays where it is when the port is closed.
    mode.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CSTOPB | CRTSCTS);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    if (::cfsetispeed(&mode, speed) != 0 || ::cfsetospeed(&mode, speed) != 0) return last_error();
    if (::tcsetattr(port, TCSANOW, &mode) != 0) return last_error();
    ::tcflush(port, TCIFLUSH);  // what came before may be of another speed
    return {};
}

}  // namespace

std::span<const unsigned> serial_speeds() noexcept { return speeds; }

result<descriptor> open_serial_port(const std::string& device, unsigned baud) {
    const auto speed = std::ranges::find(speed_codes, baud, &speed_code::baud);
    if (speed == speed_codes.end()) return of_errno(EINVAL);
    descriptor port(::open(device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (!port.valid()) return last_error();
    if (!::isatty(port.get())) return of_errno(ENOTTY);
    // As other programs that read serial ports do: two readers would each get a part of every line.
    if (::flock(port.get(), LOCK_EX | LOCK_NB) != 0) return of_errno(errno == EWOULDBLOCK ? EBUSY : errno);
    if (const auto failure = make_raw(port.get(), speed->code)) return failure;
    return port;
}

void serial_stream::close() {
    drop_unsent();
    descriptor_stream::close();
}

void serial_stream::drop_unsent() {
    if (handle() >= 0) ::tcflush(handle(), TCOFLUSH);
}

}  // namespace streamhost
