#pragma once

#include "topology/check.hpp"

#include <streamhost/describe.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

/// Module types that are described and never made: what `check` needs, and no library behind it.
namespace fake {

using namespace std::chrono_literals;
namespace sh = streamhost;

/// A payload that no wire carries.
struct scan {
    std::vector<float> ranges;
};

/// A payload of a module's own that can leave the host.
struct tile {
    std::uint32_t number = 0;
};

/// The name of a standard payload, of another shape: a library built against another SDK.
struct other_text {
    std::string line;
};

enum class wire { pickle, framed, base64_jpeg };

struct capture_settings {
    std::variant<std::int64_t, std::string> source = "auto";
    int width = 640;
    double fps = 30;
    bool loop = false;
    std::chrono::milliseconds timeout{2000};
};

struct server_settings {
    std::string listen = "127.0.0.1:9699";
    fake::wire wire = fake::wire::framed;
};

struct chat_settings {
    std::string listen = "127.0.0.1:9698";
    std::string receive;
};

struct probe_settings {
    std::string device;
    std::chrono::milliseconds period{1000};
    std::chrono::seconds report{60};
    std::vector<std::string> channels{"moisture"};
    std::optional<std::uint8_t> address;
};

struct recorder_settings {
    std::string file;
    int keep_low = 10;
    int keep_high = 100;
};

struct client_settings {
    std::string connect = "127.0.0.1:9699";
};

struct stereo_settings {
    int eyes = 2;
};

struct gate_settings {
    std::map<std::string, std::string> send;
};

struct quality_settings {
    int quality = 80;
};

struct stand_in {
    static constexpr bool description_only = true;
};

struct recorder : stand_in {
    static void check(const recorder_settings& chosen) {
        if (chosen.keep_low > chosen.keep_high)
            throw sh::setting_error("keep_low", "expected no more than `keep_high`");
        if (chosen.file == "/") throw sh::configuration_error("cannot record into a folder");
    }
};

struct stereo : stand_in {
    static sh::module_ports ports_for(const stereo_settings& chosen) {
        sh::port_list ports;
        for (int eye = 0; eye < chosen.eyes; ++eye) {
            ports.output<sh::video_frame>("eye" + std::to_string(eye), "one eye");
        }
        return ports;
    }
};

struct gate : stand_in {
    static sh::module_ports ports_for(const gate_settings& chosen) {
        sh::port_list ports;
        for (const auto& [name, type] : chosen.send) {
            sh::port_info port;
            port.name = name;
            port.help = "to the other side";
            port.type = type == "text" ? &sh::type_of<sh::text>() : nullptr;
            port.any = port.type == nullptr;
            if (port.any) port.named_type = type;
            port.over_wire = true;
            port.required = true;
            ports.add(std::move(port));
        }
        return ports;
    }
};

}  // namespace fake

template <>
struct streamhost::message_traits<fake::tile> {
    static constexpr std::string_view name = "acme.tile";
    static constexpr std::uint32_t version = 1;
    static shared_bytes encode(const fake::tile&) { return {}; }
    static result<fake::tile> decode(const shared_bytes&) { return fake::tile{}; }
};

template <>
struct streamhost::message_traits<fake::scan> {
    static constexpr std::string_view name = "acme.scan";
    static constexpr std::uint32_t version = 1;
};

template <>
struct streamhost::message_traits<fake::other_text> {
    static constexpr std::string_view name = "text";
    static constexpr std::uint32_t version = 2;
};

namespace fake {

inline sh::module_info capture() {
    return sh::describe<stand_in, capture_settings>("video.capture", "Pictures from a camera")
        .setting("source", &capture_settings::source, "a device, a file or `auto`").exclusive("device")
        .setting("width", &capture_settings::width, "of the picture").range(16, 4096).unit("pixels")
        .setting("fps", &capture_settings::fps, "pictures per second").range(1, 240)
        .setting("loop", &capture_settings::loop, "start again at the end of a file")
        .setting("timeout", &capture_settings::timeout, "for the first picture").range(10ms, 1min)
        .output<sh::video_frame>("frames", "as they come")
        .output<sh::encoded_image>("images", "the device's own")
        .output<sh::text>("events", "found and lost")
        .capture();
}

inline std::vector<sh::module_info> video_types() {
    std::vector<sh::module_info> types;
    types.push_back(capture());
    types.push_back(sh::describe<stand_in, quality_settings>("video.encode", "Pictures to JPEG")
                        .setting("quality", &quality_settings::quality, "of the JPEG").range(1, 100)
                        .input<sh::video_frame>("frames", "to encode")
                        .output<sh::encoded_image>("images", "one per frame"));
    types.push_back(
        sh::describe<stand_in, server_settings>("video.server", "Pictures to viewers")
            .setting("listen", &server_settings::listen, "where viewers connect")
            .address(sh::address_role::listen)
            .exclusive("address")
            .setting("wire", &server_settings::wire, "what they speak")
            .one_of({{"pickle", wire::pickle}, {"framed", wire::framed}, {"base64-jpeg", wire::base64_jpeg}})
            .input<sh::video_frame>("frames", "raw pictures")
            .optional()
            .input<sh::encoded_image>("images", "compressed pictures")
            .optional()
            .serves_viewers());
    types.push_back(sh::describe<stand_in, client_settings>("video.client", "Pictures from a server")
                        .setting("connect", &client_settings::connect, "where the server is")
                        .address(sh::address_role::peer)
                        .output<sh::video_frame>("frames", "raw pictures")
                        .spontaneous());
    types.push_back(sh::describe<stand_in>("video.display", "Pictures in a window")
                        .input<sh::video_frame>("frames", "to show"));
    types.push_back(sh::describe<stereo, stereo_settings>("video.stereo", "Several cameras as one")
                        .setting("eyes", &stereo_settings::eyes, "how many cameras").range(1, 4)
                        .capture());
    return types;
}

inline std::vector<sh::module_info> text_types() {
    std::vector<sh::module_info> types;
    types.push_back(sh::describe<stand_in, chat_settings>("chat.server", "Text between people")
                        .setting("listen", &chat_settings::listen, "where others connect")
                        .address(sh::address_role::listen)
                        .setting("receive", &chat_settings::receive, "where datagrams arrive")
                        .address(sh::address_role::listen)
                        .input<sh::text>("outgoing", "to say")
                        .many()
                        .output<sh::text>("incoming", "what others say")
                        .spontaneous()
                        .serves_viewers());
    types.push_back(sh::describe<stand_in>("chat.console", "Text in the terminal")
                        .input<sh::text>("messages", "to show").many()
                        .output<sh::text>("lines", "what was typed").spontaneous()
                        .claims("terminal"));
    types.push_back(sh::describe<stand_in>("text.filter", "Text, changed")
                        .input<sh::text>("lines", "to change")
                        .output<sh::text>("changed", "the same, changed"));
    types.push_back(sh::describe<stand_in>("text.future", "Built against another SDK")
                        .output<other_text>("lines", "text of another shape"));
    return types;
}

inline std::vector<sh::module_info> other_types() {
    std::vector<sh::module_info> types;
    types.push_back(sh::describe<stand_in, probe_settings>("soil.probe", "Soil moisture from a serial probe")
                        .setting("device", &probe_settings::device, "serial device").required().exclusive()
                        .setting("period", &probe_settings::period, "time between readings").range(10ms, 1h)
                        .setting("report", &probe_settings::report, "time between reports")
                        .setting("channels", &probe_settings::channels, "what to read")
                        .setting("address", &probe_settings::address, "on the bus")
                        .output<sh::record>("readings", "one per period"));
    types.push_back(sh::describe<recorder, recorder_settings>("file.recorder", "Everything into a file")
                        .setting("file", &recorder_settings::file, "to write").required().exclusive("file")
                        .setting("keep_low", &recorder_settings::keep_low, "megabytes").at_least(0)
                        .setting("keep_high", &recorder_settings::keep_high, "megabytes").at_least(0)
                        .any_input("messages", "to record").many().over_wire());
    types.push_back(sh::describe<stand_in>("relay.tap", "Passes on whatever comes")
                        .any_input("messages", "to pass on")
                        .any_output("copies", "the same"));
    types.push_back(sh::describe<stand_in>("acme.lidar", "Distances").output<scan>("scans", "one per turn"));
    types.push_back(sh::describe<stand_in>("acme.mapper", "A map").output<tile>("tiles", "as they are drawn"));
    types.push_back(sh::describe<gate, gate_settings>("link.gate", "Named links to another host")
                        .setting("send", &gate_settings::send, "the type of each by its name"));
    return types;
}

/// All of them; `acme.broken` exists and cannot be used.
class catalogue {
public:
    catalogue() {
        for (auto& types : {video_types(), text_types(), other_types()}) {
            for (const auto& type : types) types_.push_back(type);
        }
    }

    sh::catalogue view() const {
        sh::catalogue view;
        for (const auto& type : types_) view.types.push_back(type.type);
        view.find = [this](std::string_view name) -> const sh::module_info* {
            if (name == "acme.broken")
                throw sh::configuration_error("acme.so was built with AddressSanitizer, the host without");
            const auto found = std::ranges::find(types_, name, &sh::module_info::type);
            return found == types_.end() ? nullptr : &*found;
        };
        return view;
    }

    const sh::module_info& operator[](std::string_view name) const { return *view().find(name); }
    const std::deque<sh::module_info>& types() const { return types_; }

private:
    std::deque<sh::module_info> types_;
};

}  // namespace fake
