#pragma once

#include <sys/types.h>

#include <string>

namespace streamhost::video::test {

/// An Xvfb of the test's own, without a window manager: windows lie in the upper left corner, one over the other.
class x_server {
public:
    /// `authority`: a file of permissions of which clients must show one; empty: any client may come.
    x_server(int width, int height, const std::string& authority = {});
    ~x_server() { stop(); }
    x_server(const x_server&) = delete;
    x_server& operator=(const x_server&) = delete;

    const std::string& display() const noexcept { return display_; }  ///< ":7"
    void stop();

private:
    pid_t process_ = -1;
    std::string display_;
};

}  // namespace streamhost::video::test
