#include "turbojpeg_handle.hpp"

#include <turbojpeg.h>

namespace streamhost::video {

void destroy_turbojpeg::operator()(void* handle) const noexcept { tjDestroy(handle); }

}  // namespace streamhost::video
