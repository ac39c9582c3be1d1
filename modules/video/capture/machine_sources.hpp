#pragma once

#include "picture_feed.hpp"

namespace streamhost::video {

/// Cameras, files and URLs of this machine, each on a thread of its own.
class machine_sources final : public picture_sources {
public:
    std::vector<std::string> cameras() override;
    std::unique_ptr<picture_feed> start(const source_request& request, const executor& lane,
                                        std::function<void()> changed) override;
};

}  // namespace streamhost::video
