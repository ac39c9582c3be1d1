#include "stream_list.hpp"

#include <algorithm>
#include <map>

namespace streamhost::web {

std::string_view to_string(stream_kind kind) noexcept {
    switch (kind) {
        case stream_kind::image: return "image";
        case stream_kind::audio: return "audio";
        case stream_kind::text: return "text";
        case stream_kind::record: return "record";
    }
    return "unknown";
}

stream_list::stream_list(stream_kind kind, std::size_t most, std::uint16_t first_id)
    : kind_(kind), next_id_(first_id), places_(most) {}

std::vector<std::size_t> stream_list::update(const std::vector<link_source>& sources) {
    std::map<std::string, int> outputs;
    for (const auto& each : sources) ++outputs[each.instance];
    for (auto& each : places_) each.linked = false;
    std::vector<std::size_t> changed;
    const auto name_of = [&](const link_source& each) {
        return outputs[each.instance] > 1 ? each.instance + "." + each.port : each.instance;
    };
    const auto by_name = [&](const std::string& name) {
        return std::ranges::find_if(places_, [&](const entry& each) { return each.used && each.stream.name == name; });
    };
    // First those that are known, so that none of them gives its place away.
    std::vector<link_source> fresh;
    for (const auto& source : sources) {
        const auto found = by_name(name_of(source));
        if (found == places_.end()) {
            fresh.push_back(source);
            continue;
        }
        found->linked = true;
        found->source = source;
    }
    for (const auto& source : fresh) {
        auto place = std::ranges::find(places_, false, &entry::used);
        if (place == places_.end()) place = std::ranges::find(places_, false, &entry::linked);
        if (place == places_.end()) break;
        const auto number = static_cast<std::size_t>(place - places_.begin());
        if (place->used) changed.push_back(number);
        const live_stream made{name_of(source), kind_, next_id_++, number};
        *place = {.stream = made, .source = source, .linked = true, .used = true};
    }
    return changed;
}

std::vector<live_stream> stream_list::all() const {
    std::vector<live_stream> linked;
    for (const auto& each : places_) {
        if (each.linked) linked.push_back(each.stream);
    }
    std::ranges::sort(linked, {}, &live_stream::name);
    return linked;
}

const live_stream* stream_list::find(const link_source& source) const {
    const auto is_it = [&](const entry& each) { return each.linked && each.source == source; };
    const auto found = std::ranges::find_if(places_, is_it);
    return found == places_.end() ? nullptr : &found->stream;
}

const live_stream* stream_list::find(std::string_view name) const {
    const auto is_it = [&](const entry& each) { return each.linked && each.stream.name == name; };
    const auto found = std::ranges::find_if(places_, is_it);
    return found == places_.end() ? nullptr : &found->stream;
}

}  // namespace streamhost::web
