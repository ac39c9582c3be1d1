#pragma once

#include <streamhost/export.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>

namespace streamhost {

using error_code = boost::system::error_code;

/// The outcome of an operation that is expected to fail now and then (a peer that left, bytes that are wrong).
/// Handled where the operation was called; never thrown past a session.
template <class T>
using result = boost::system::result<T, error_code>;

/// What can go wrong besides the operating system's own errors.
enum class errc {
    draining = 1,   ///< the host is shutting down: finish and return
    timed_out,      ///< the deadline passed
    end_of_stream,  ///< the peer closed the connection at a message boundary
    truncated,      ///< the bytes end inside a message
    malformed,      ///< the bytes break the format
    too_large,      ///< a length, a picture or a queue goes beyond its limit
    unsupported,    ///< well formed, but a version or kind that this program does not take
    refused,        ///< the other side answered no
    circling,       ///< a message has passed more hosts than any sensible way has
};

STREAMHOST_API const boost::system::error_category& error_category() noexcept;

inline error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), error_category()}; }

/// Unusable configuration or environment: what an operator must mend. Thrown by constructors and `prepare()`.
/// The text says what is wrong and what to do about it.
class STREAMHOST_API configuration_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace streamhost

template <>
struct boost::system::is_error_code_enum<streamhost::errc> : std::true_type {};
