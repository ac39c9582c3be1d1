#include "machine_sources.hpp"

#include "camera_source.hpp"
#include "file_source.hpp"
#include "source_thread.hpp"

#include <utility>

namespace streamhost::video {

std::vector<std::string> machine_sources::cameras() { return camera_paths(); }

std::unique_ptr<picture_feed> machine_sources::start(const source_request& request, const executor& lane,
                                                     std::function<void()> changed) {
    std::unique_ptr<frame_source> source;
    if (request.target.kind == source_kind::device) {
        source = std::make_unique<camera_source>(request);
    } else {
        source = std::make_unique<file_source>(request.target, request.shape);
    }
    return std::make_unique<source_thread>(std::move(source), request.loop, lane, std::move(changed));
}

}  // namespace streamhost::video
