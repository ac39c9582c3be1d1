#pragma once

#include "net/descriptor.hpp"
#include "net/descriptor_stream.hpp"

#include <string>

namespace streamhost {

/// Opens a serial port as `module_context::open_serial` says. May take some milliseconds. Any thread.
result<descriptor> open_serial_port(const std::string& device, unsigned baud);

/// The bytes of an open serial port.
class serial_stream final : public descriptor_stream {
public:
    using descriptor_stream::descriptor_stream;
    ~serial_stream() override { drop_unsent(); }

    void close() override;

private:
    /// Otherwise the kernel waits at the close until a slow line has taken it, or for 30 s where nobody listens.
    void drop_unsent();
};

}  // namespace streamhost
