// The library sensor.so: the machine itself, and what hangs on its serial ports.
#include "gps.hpp"
#include "serial.hpp"
#include "system.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::sensor {

STREAMHOST_MODULES(
    gps,
    serial,
    system)

}  // namespace streamhost::sensor
