#pragma once

#include <string>

#include <termios.h>

namespace streamhost::test {

/// Both sides of a terminal without a screen: `host` is what a program has as its standard input, `user` is where a test
/// types and sees.
class pseudo_terminal {
public:
    explicit pseudo_terminal(unsigned short columns = 80, unsigned short rows = 24);
    ~pseudo_terminal();
    pseudo_terminal(const pseudo_terminal&) = delete;
    pseudo_terminal& operator=(const pseudo_terminal&) = delete;

    int user() const noexcept { return user_; }
    int host() const noexcept { return host_; }
    /// The path of the host's side.
    std::string path() const;

    termios mode() const;
    void resize(unsigned short columns, unsigned short rows);
    /// The user's side goes, as when a window is closed.
    void hang_up();

private:
    int user_;
    int host_;
};

/// The parts of a mode that a program may change.
bool same_mode(const termios& a, const termios& b);

}  // namespace streamhost::test
