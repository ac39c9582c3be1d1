#pragma once

#include "datagram_picture.hpp"

#include <streamhost/module_context.hpp>

namespace streamhost::video {

/// Makes datagrams of a module's pictures, on a worker thread where one has to be made smaller; counts and logs what
/// could not be. Confined to the module's lane; packs one picture at a time.
class datagram_packer {
public:
    explicit datagram_packer(module_context& host);

    /// Empty where the picture is damaged.
    awaitable<shared_bytes> pack(encoded_image image);

private:
    module_context& host_;
    datagram_fitter fitter_;
    counter& count_shrunk_;
    counter& count_failed_;
};

}  // namespace streamhost::video
