#include "support/pseudo_terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

namespace streamhost::test {

pseudo_terminal::pseudo_terminal(unsigned short columns, unsigned short rows)
    : user_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)), host_(-1) {
    if (user_ < 0 || ::grantpt(user_) != 0 || ::unlockpt(user_) != 0) throw std::runtime_error("no pseudo-terminal");
    host_ = ::open(path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (host_ < 0) throw std::runtime_error("cannot open " + path());
    resize(columns, rows);
}

pseudo_terminal::~pseudo_terminal() {
    hang_up();
    ::close(host_);
}

std::string pseudo_terminal::path() const {
    char name[128];
    if (::ptsname_r(user_, name, sizeof name) != 0) throw std::runtime_error("the pseudo-terminal has no name");
    return name;
}

termios pseudo_terminal::mode() const {
    termios now{};
    ::tcgetattr(host_, &now);
    return now;
}

void pseudo_terminal::resize(unsigned short columns, unsigned short rows) {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(user_, TIOCSWINSZ, &size);
}

void pseudo_terminal::hang_up() {
    if (user_ >= 0) ::close(user_);
    user_ = -1;
}

bool same_mode(const termios& a, const termios& b) {
    return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag && a.c_lflag == b.c_lflag &&
           std::memcmp(a.c_cc, b.c_cc, sizeof a.c_cc) == 0;
}

}  // namespace streamhost::test
