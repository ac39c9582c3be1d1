#pragma once

#include <span>
#include <string_view>

/// What `new-module` has to know about a standard message type to write code that deals with it.
struct payload_kind {
    std::string_view name;    ///< as topologies have it: "record"
    std::string_view port;    ///< what a port for it is called
    std::string_view plural;  ///< "readings", for sentences
    /// A statement that makes `made` out of the number VALUE; empty where a module cannot simply make one.
    std::string_view make;
    std::string_view make_include;  ///< beside <streamhost/module.hpp>: "<vector>", several with a blank between
    std::string_view maker;         ///< a function that `make` calls, indented as a member; may be empty
    std::string_view show;          ///< arguments of a log call that shows `taken`
    std::string_view show_include;
    std::string_view feed;       ///< instances of a topology that send it, as members of `modules`
    std::string_view feed_link;  ///< their chain, whose end is linked to the module
    std::string_view fed_by;     ///< "sample.messages", the end of that chain
};

/// All of them.
std::span<const payload_kind> payload_kinds();

/// Null where there is none of that name.
const payload_kind* find_payload_kind(std::string_view name);
