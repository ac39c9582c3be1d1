#pragma once

/// Marks what `libstreamhost_core.so` shows to hosts and modules; everything else in it is hidden.
#define STREAMHOST_API __attribute__((visibility("default")))
