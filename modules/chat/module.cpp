// The library chat.so: lines of text between people and machines.
#include "client.hpp"
#include "console.hpp"
#include "server.hpp"

#include <streamhost/plugin.hpp>

namespace streamhost::chat {

STREAMHOST_MODULES(client, console, server)

}  // namespace streamhost::chat
