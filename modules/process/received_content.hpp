#pragma once

#include "program_ports.hpp"

#include <streamhost/message.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <string>

namespace streamhost::process {

/// What is wrong with something that a program has written.
struct complaint {
    std::string text;    ///< for the log; holds what the program wrote as it is
    bool fatal = false;  ///< nothing that comes behind it can be read
};

/// A message of `type`, from the value that is one alone.
boost::system::result<envelope, complaint> content_of_value(const message_type& type, boost::json::value value);

/// A message of `type`, from the members of its line and the bytes behind it. All of it is foreign: refuses what is wrong.
boost::system::result<envelope, complaint> content_of_line(const message_type& type, const boost::json::object& line,
                                                           shared_bytes payload);

}  // namespace streamhost::process
