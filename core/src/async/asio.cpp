// The one translation unit that compiles Asio's non-template parts. Everything else links to it, so that the host and
// every module share one copy of Asio's thread-local call stack.
#include <boost/asio/impl/src.hpp>
