#include "rtp/receiver.hpp"

#include "jpeg_header.hpp"
#include "rtp/jfif.hpp"

#include <algorithm>

namespace streamhost::video::rtp {
namespace {

constexpr int first_kept_quality = 128;
constexpr int never_kept_quality = 255;
constexpr int pixels_per_unit = 8;

/// The true size has to be the one that the payload's header rounds up.
bool agrees(const stamps& stamped, const payload_header& header) {
    const auto units = [](int pixels) { return (pixels + pixels_per_unit - 1) / pixels_per_unit; };
    return units(stamped.width) == header.columns && units(stamped.height) == header.rows;
}

}  // namespace

receiver::counts receiver::seen() const noexcept {
    auto all = counts_;
    all.lost += window_.lost();
    return all;
}

receiver::outcome receiver::refuse(std::string_view problem) {
    ++counts_.bad;
    return {.problem = problem};
}

void receiver::finish() {
    window_.finish();
    counts_.incomplete += partials_.size();
    partials_.clear();
    for (auto& each : kept_tables_) each.clear();
    done_ = -1;
    ssrc_.reset();
    former_ssrc_.reset();
}

/// A packet of the stream before that was on its way for longer must not bring that one back.
void receiver::follow(std::uint32_t ssrc) {
    const auto former = ssrc_;
    finish();
    former_ssrc_ = former;
    ssrc_ = ssrc;
}

receiver::outcome receiver::take(std::span<const std::byte> datagram) {
    if (is_control(datagram)) return {};
    const auto from = read_packet(datagram);
    if (from.error() == errc::unsupported) return refuse("it is no RTP (is `wire` the same on both sides?)");
    if (!from) return refuse("it is cut");
    if (from->header.payload_type != jpeg_payload_type)
        return refuse("it is of another kind than JPEG (payload type 26)");
    const auto read = read_payload(from->payload);
    if (const auto* const problem = std::get_if<payload_problem>(&read)) return refuse(to_text(*problem));
    const auto& content = std::get<payload>(read);

    if (from->header.ssrc == former_ssrc_) return {};
    if (from->header.ssrc != ssrc_) follow(from->header.ssrc);
    const auto place = window_.take(from->header.sequence);
    switch (place.is) {
        case sequence_window::kind::stray: return {};
        case sequence_window::kind::repeated: ++counts_.repeated; return {.accepted = true};
        case sequence_window::kind::late: ++counts_.late; break;
        case sequence_window::kind::restarted:
            counts_.incomplete += partials_.size();
            partials_.clear();
            former_ssrc_.reset();
            break;
        case sequence_window::kind::next: break;
    }
    ++counts_.packets;
    if (place.number <= done_) return {.accepted = true};  // its picture is over
    const auto problem = store(*from, content, place.number);
    if (!problem.empty()) return refuse(problem);
    return finish_picture(from->header.timestamp);
}

receiver::partial& receiver::find(std::uint32_t timestamp, const payload_header& header) {
    const auto found = std::ranges::find(partials_, timestamp, &partial::timestamp);
    if (found != partials_.end()) return *found;
    if (partials_.size() == most_pictures) {
        give_up(std::ranges::min_element(partials_, {}, &partial::newest));
    }
    partials_.push_back({.timestamp = timestamp, .header = header});
    return partials_.back();
}

void receiver::give_up(partials::iterator which) {
    ++counts_.incomplete;
    done_ = std::max(done_, which->newest);
    partials_.erase(which);
}

/// Says what is wrong with the packet or its picture, which is forgotten then.
std::string_view receiver::store(const packet& from, const payload& content, std::int64_t number) {
    auto& into = find(from.header.timestamp, content.header);
    into.newest = std::max(into.newest, number);
    std::string_view problem;
    if (!into.header.same_picture(content.header)) {
        problem = "the packets of a picture differ in what they say of it";
    } else if (into.data.size() + content.data.size() > longest_scan || into.fragments.size() == most_packets) {
        problem = "a picture has more than 2 MiB";
    } else if (content.header.offset == 0) {
        problem = store_beginning(into, from, content.header);
    }
    if (!problem.empty()) {
        give_up(std::ranges::find(partials_, from.header.timestamp, &partial::timestamp));
        return problem;
    }
    if (content.header.offset == 0) into.first = number;
    if (from.header.marker) into.last = number;
    into.fragments.push_back({number, content.header.offset, into.data.size(), content.data.size()});
    into.data.insert(into.data.end(), content.data.begin(), content.data.end());
    return {};
}

std::string_view receiver::store_beginning(partial& into, const packet& from, const payload_header& header) {
    if (into.first >= 0) return "a picture begins twice";
    if (header.quality < first_kept_quality) {
        const auto computed = tables_of_quality(header.quality);
        into.tables.assign(computed.luma.begin(), computed.luma.end());
        into.tables.insert(into.tables.end(), computed.chroma.begin(), computed.chroma.end());
    } else if (header.quality == never_kept_quality) {
        into.tables.assign(header.tables.begin(), header.tables.end());
    } else {
        auto& kept = kept_tables_[static_cast<std::size_t>(header.quality - first_kept_quality)];
        if (!header.tables.empty()) kept.assign(header.tables.begin(), header.tables.end());
        if (kept.empty()) return "the tables that it means have not come yet";
        into.tables = kept;
    }
    into.stamped = read_stamps(from);
    return {};
}

bool receiver::is_whole(const partial& one) const noexcept {
    return one.first >= 0 && one.last >= one.first &&
           one.fragments.size() == static_cast<std::size_t>(one.last - one.first) + 1;
}

receiver::outcome receiver::finish_picture(std::uint32_t timestamp) {
    const auto found = std::ranges::find(partials_, timestamp, &partial::timestamp);
    if (!is_whole(*found)) return {.accepted = true};
    auto whole = std::move(*found);
    partials_.erase(found);
    done_ = std::max(done_, whole.last);
    // What is older has been overtaken.
    const auto overtaken = std::erase_if(partials_, [&](const partial& each) { return each.newest < whole.first; });
    counts_.incomplete += overtaken;
    return assemble(whole);
}

receiver::outcome receiver::assemble(partial& whole) {
    const auto& header = whole.header;
    int width = header.columns * pixels_per_unit;
    int height = header.rows * pixels_per_unit;
    std::optional<message_header> stamped;
    if (whole.stamped && agrees(*whole.stamped, header)) {
        width = whole.stamped->width;
        height = whole.stamped->height;
        stamped = whole.stamped->header;
    }
    auto bytes = make_jfif_head(header, whole.tables, width, height);
    bytes.reserve(bytes.size() + whole.data.size() + 2);
    std::ranges::sort(whole.fragments, {}, &fragment::number);
    std::size_t done = 0;
    for (const auto& each : whole.fragments) {
        if (each.offset != done) return refuse("the parts of a picture do not lie behind each other");
        const auto part = std::span(whole.data).subspan(each.at, each.size);
        bytes.insert(bytes.end(), part.begin(), part.end());
        done += each.size;
    }
    end_jfif(bytes);
    // Some senders leave markers of their own, or rests, in the data.
    const auto info = scan_jpeg(bytes);
    if (!info) return refuse("a picture has broken data");
    const auto size = info->bytes;
    const auto content = shared_bytes::adopt(std::move(bytes)).slice(0, size);
    return {.whole = picture{{width, height, image_codec::jpeg, content}, stamped}, .accepted = true};
}

}  // namespace streamhost::video::rtp
