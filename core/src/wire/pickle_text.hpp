#pragma once

#include <streamhost/result.hpp>

#include <string>
#include <string_view>

namespace streamhost::pickle {

/// The text of a pickled str as valid UTF-8, surrogates replaced. `escaped`: protocol 0's raw-unicode-escape.
result<std::string> decode_text(std::string_view source, bool escaped);

/// The bytes that a pickle of protocol 0 to 2 stores as the text of equal code points, U+0000 to U+00FF.
result<std::string> decode_latin1(std::string_view source, bool escaped);

}  // namespace streamhost::pickle
