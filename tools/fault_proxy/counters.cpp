#include "counters.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace fault_proxy {
namespace {

boost::json::object to_object(const way_counters& now) {
    return {{"packets_in", now.packets_in}, {"packets_out", now.packets_out}, {"bytes_in", now.bytes_in},
            {"bytes_out", now.bytes_out},   {"lost", now.lost},               {"duplicated", now.duplicated},
            {"reordered", now.reordered},   {"overflowed", now.overflowed},   {"cut", now.cut}};
}

}  // namespace

std::string to_json(const counters& now) {
    const boost::json::object all{
        {"flows", now.flows}, {"refused", now.refused}, {"up", to_object(now.up)}, {"down", to_object(now.down)}};
    return boost::json::serialize(all);
}

}  // namespace fault_proxy
