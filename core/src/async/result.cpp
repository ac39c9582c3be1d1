#include <streamhost/result.hpp>

namespace streamhost {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "streamhost"; }

    std::string message(int value) const override {
        switch (static_cast<errc>(value)) {
            case errc::draining: return "the host is shutting down";
            case errc::timed_out: return "timed out";
            case errc::end_of_stream: return "the peer closed the connection";
            case errc::truncated: return "the bytes end in the middle of a message";
            case errc::malformed: return "malformed bytes";
            case errc::too_large: return "larger than the limit";
            case errc::unsupported: return "not supported";
            case errc::refused: return "refused by the other side";
            case errc::circling: return "a message has passed more than 4 relays: do two of them view each other?";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const category instance;
    return instance;
}

}  // namespace streamhost
