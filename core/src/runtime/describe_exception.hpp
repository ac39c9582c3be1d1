#pragma once

#include <exception>
#include <string>

namespace streamhost {

/// What an exception says, in one line.
std::string describe_exception(const std::exception_ptr& failure);

}  // namespace streamhost
