#include "address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <sstream>
#include <stdexcept>

namespace fault_proxy {

template <class Protocol>
typename Protocol::endpoint parse_endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == text.npos || colon == 0) throw std::runtime_error("expected HOST:PORT, got \"" + text + "\"");
    auto host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    boost::asio::io_context context;
    boost::system::error_code code;
    const auto found = typename Protocol::resolver(context).resolve(host, text.substr(colon + 1), code);
    if (code || found.empty()) throw std::runtime_error(text + ": " + code.message());
    return found.begin()->endpoint();
}

template <class Endpoint>
std::string to_text(const Endpoint& endpoint) {
    std::ostringstream out;
    out << endpoint;
    return out.str();
}

template boost::asio::ip::tcp::endpoint parse_endpoint<boost::asio::ip::tcp>(const std::string&);
template boost::asio::ip::udp::endpoint parse_endpoint<boost::asio::ip::udp>(const std::string&);
template std::string to_text(const boost::asio::ip::tcp::endpoint&);
template std::string to_text(const boost::asio::ip::udp::endpoint&);

}  // namespace fault_proxy
