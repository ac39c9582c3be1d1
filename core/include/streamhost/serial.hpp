#pragma once

#include <streamhost/export.hpp>

#include <span>

namespace streamhost {

/// The speeds in baud that a serial port can be opened with (termios(3)), in ascending order.
STREAMHOST_API std::span<const unsigned> serial_speeds() noexcept;

}  // namespace streamhost
