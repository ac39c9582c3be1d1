#pragma once

#include <string>

namespace streamhost::test {

/// From here on this program, and whatever it starts, has a network to itself: a loopback interface on which every port
/// is free, and nothing else. To be called while it has one thread. Empty, or why the system does not let it: then
/// nothing has changed.
std::string enter_own_network();

}  // namespace streamhost::test
