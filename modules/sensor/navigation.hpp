#pragma once

#include "nmea.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <vector>

namespace streamhost::sensor {

/// Puts the sentences of one moment together into one reading. Which kinds a receiver writes is learnt from the moment
/// before, so that a reading is there with the last sentence that belongs to it. A plain object; one thread at a time.
class navigation {
public:
    /// The readings that are complete with this sentence, mostly none or one; docs/sensors.md has the keys.
    std::vector<boost::json::object> take(const nmea::sentence& heard);

private:
    template <class Data>
    std::vector<boost::json::object> take(const Data& heard, std::optional<Data>& place);
    boost::json::object reading() const;

    std::optional<nmea::fix_data> fix_;
    std::optional<nmea::minimum_data> minimum_;
    bool given_ = false;  // the reading of this moment
    bool expects_fix_ = true;
    bool expects_minimum_ = true;
};

}  // namespace streamhost::sensor
