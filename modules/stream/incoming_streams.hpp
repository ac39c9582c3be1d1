#pragma once

#include "stream_ports.hpp"

#include <streamhost/counter.hpp>
#include <streamhost/module_context.hpp>
#include <streamhost/wire/framed.hpp>

#include <set>
#include <string>
#include <vector>

namespace streamhost::stream_family {

/// A stream that is received, whoever sends it.
struct incoming_stream {
    std::string name;
    std::string type_name;
    const message_type* type = nullptr;  ///< null where nobody takes it, so that nothing needs to be decoded
    output_port* output = nullptr;
    std::vector<message_header> last;    ///< of each origin that has sent lately, the latest last
};

/// The outputs of the streams that are received: shared by all sessions of a module. Confined to its lane.
class incoming_streams {
public:
    /// Throws `configuration_error` for an output whose type's definition no link brings.
    incoming_streams(module_context& host, const stream_map& receive);

    /// Null where the module does not receive a stream of this name.
    incoming_stream* find(std::string_view name);
    std::size_t size() const noexcept { return streams_.size(); }

    /// Why what the other side announces under the name of this stream cannot be taken; empty where it can.
    static std::string refuse(const incoming_stream& stream, const framed::announce& offered);

    /// A stream that the other side has and this one does not: one line in the log for each name.
    void note_unknown(const std::string& name, const std::string& peer);

    /// Remembers the message as the last one of its origin. True where it was that already and is the `first` of its session:
    /// a session begins with the last message of each stream, which may have come in the one before.
    bool note_last(incoming_stream& stream, const message_header& header, bool first);

private:
    module_context& host_;
    std::vector<incoming_stream> streams_;
    std::set<std::string, std::less<>> unknown_;
    counter& count_unknown_;
    counter& count_repeated_;
};

}  // namespace streamhost::stream_family
