#include "plugin/library_error.hpp"

#include <string>

namespace streamhost::plugin {
namespace {

class category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "streamhost.library"; }

    std::string message(int value) const override {
        switch (static_cast<library_error>(value)) {
            case library_error::not_a_library: return "it is not a shared library";
            case library_error::other_machine: return "it is built for another kind of processor";
            case library_error::broken: return "the file is truncated or damaged";
            case library_error::no_note: return "it is a shared library, but not a streamhost module";
            case library_error::unknown_format: return "its note has a format that this host does not read";
        }
        return "unknown error";
    }
};

}  // namespace

const boost::system::error_category& library_error_category() noexcept {
    static const category instance;
    return instance;
}

}  // namespace streamhost::plugin
