#pragma once

#include <streamhost/module_info.hpp>

#include <map>
#include <string>
#include <vector>

namespace streamhost::process {

/// The ports of one direction: the type of each by its name.
using port_types = std::map<std::string, std::string>;

/// What the messages of one direction look like to the program (docs/processes.md).
enum class message_form {
    lines,   ///< a line of JSON for each, which is the value itself where there is one port
    frames,  ///< a line of JSON for each, its header, and behind it the bytes that the header announces
};

/// What a topology says about it.
enum class form_choice {
    automatic,  ///< `frames` where a type of that direction is bytes, else `lines`
    lines,
    frames,
};

/// One port; its place among those of its direction is its number.
struct program_port {
    std::string name;
    const message_type* type = nullptr;  ///< one of those that every host has
};
using port_table = std::vector<program_port>;

/// Throws `setting_error`, for the setting `setting`, for a name or a type that is none.
void check_types(const std::string& setting, const port_types& types);

/// Throws `setting_error`, for the setting `setting`, where a type of `types` cannot be said in that form.
void check_form(const std::string& setting, form_choice form, const port_types& types);

/// Requires types that were checked.
port_table table_of(const port_types& types);
message_form form_of(form_choice choice, const port_table& ports) noexcept;

/// Whether messages of this type are one line of JSON, without bytes behind it.
bool fits_into_line(const message_type& type) noexcept;

/// The ports of an instance.
module_ports ports_of(const port_types& inputs, const port_types& outputs);

}  // namespace streamhost::process
