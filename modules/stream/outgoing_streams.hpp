#pragma once

#include "stream_ports.hpp"

#include <streamhost/counter.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/stream_server.hpp>
#include <streamhost/wire/framed.hpp>

#include <optional>
#include <vector>

namespace streamhost::stream_family {

/// The inputs of the streams that are sent, and how their messages become bytes. Confined to the module's lane.
class outgoing_streams {
public:
    /// Throws `configuration_error` for an input whose type's definition no link brings.
    outgoing_streams(module_context& host, const stream_map& send);

    const std::vector<framed_stream>& streams() const noexcept { return streams_; }
    input_port& input(stream_index stream) { return *inputs_[stream]; }

    /// Written without a channel. Nothing, counted and logged, for a message that the other side would have to refuse.
    std::optional<framed::pieces> encode(stream_index stream, const envelope& content);

private:
    void complain(counter& count, stream_index stream, std::string_view why);

    module_context& host_;
    std::vector<framed_stream> streams_;
    std::vector<input_port*> inputs_;
    counter& count_too_large_;
    counter& count_circling_;
};

}  // namespace streamhost::stream_family
