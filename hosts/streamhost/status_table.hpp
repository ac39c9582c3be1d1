#pragma once

#include <boost/json/object.hpp>

#include <string>

/// A host's status, as it answers it, as tables for a terminal: instances, links, viewers. With a status of `seconds`
/// before, rates are shown; else totals.
std::string status_table(const boost::json::object& now, const boost::json::object* before = nullptr, double seconds = 0);
