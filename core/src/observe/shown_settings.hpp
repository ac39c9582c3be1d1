#pragma once

#include <streamhost/export.hpp>

#include <boost/json/object.hpp>

namespace streamhost {

/// Settings as everybody may see them: of each URL in a text neither user, password, query nor fragment, and three dots
/// for each text whose key speaks of a password, secret, token or key.
STREAMHOST_API boost::json::object shown_settings(const boost::json::object& settings);

}  // namespace streamhost
