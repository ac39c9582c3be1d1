#pragma once

#include <string>

/// The two names of a module type, "soil" and "probe", and what is called after them.
struct type_name {
    std::string family;
    std::string kind;

    std::string library() const;     ///< "soil-probe"
    std::string class_name() const;  ///< "soil_probe"
};

/// Of "soil.probe". Throws `configuration_error` for what cannot be the name of a type and of a class.
type_name split_type(const std::string& type);
