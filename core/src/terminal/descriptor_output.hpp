#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace streamhost {

/// Bytes on their way to a descriptor that may be stopped: waits in `poll` instead of in `write`. One thread.
class descriptor_output {
public:
    /// `descriptor` stays open as long as this object lives.
    explicit descriptor_output(int descriptor) : descriptor_(descriptor) {}

    void add(std::string_view bytes) {
        if (!broken_) waiting_ += bytes;
    }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    /// For `poll`; -1 while there is nothing to write.
    int wanted() const noexcept { return waiting_.empty() ? -1 : descriptor_; }
    /// Writes as much as there is room for. To be called when `poll` says that there is some.
    void write_some();
    /// The other side is gone: what is added is thrown away.
    bool broken() const noexcept { return broken_; }

private:
    int descriptor_;
    std::string waiting_;
    bool broken_ = false;
};

/// A second opening of the terminal behind `descriptor`, whose reads and writes never block. O_NONBLOCK belongs to an
/// opening: on the one that came from the shell it would stay when this process has ended. Where the terminal cannot be
/// opened again it is a duplicate, which blocks. To be closed by the caller.
int open_again(int descriptor);

}  // namespace streamhost
