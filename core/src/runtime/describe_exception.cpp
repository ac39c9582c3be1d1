#include "runtime/describe_exception.hpp"

#include <boost/asio/multiple_exceptions.hpp>

namespace streamhost {

std::string describe_exception(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const boost::asio::multiple_exceptions& several) {
        return describe_exception(several.first_exception());
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an exception of an unknown type";
    }
}

}  // namespace streamhost
