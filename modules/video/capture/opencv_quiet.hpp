#pragma once

namespace streamhost::video {

/// OpenCV and FFmpeg write what they think to standard error, past the log, and say there what we say in the log in
/// words for the operator. This ends that, for the whole process; more calls change nothing. Any thread.
void quieten_opencv();

}  // namespace streamhost::video
