#include "convert.hpp"

#include "setting_ranges.hpp"

#include <utility>

namespace streamhost::audio {

module_info convert::describe() {
    return streamhost::describe<convert, convert_settings>("audio.convert", "Brings sound into one format")
        .setting("rate", &convert_settings::rate, "frames a second that come out")
            .range(lowest_rate, highest_rate).unit("Hz")
        .setting("channels", &convert_settings::channels,
                 "that come out: one becomes the first two, several become one as their mean, else the first ones are kept")
            .range(1, most_channels)
        .setting("format", &convert_settings::format, "of a sample that comes out: 16 bit integer, or 32 bit float")
            .one_of({{"s16", sample_format::s16}, {"f32", sample_format::f32}})
        .input<audio_block>("audio", "sound of any format; what has the wanted one is not touched")
        .output<audio_block>("converted", "the sound in the wanted format");
}

convert::convert(module_context& host, convert_settings chosen)
    : host_(host),
      wanted_{chosen.rate, chosen.channels, chosen.format},
      audio_(host.input<audio_block>("audio")),
      converted_(host.output<audio_block>("converted")),
      count_refused_(host.metric("blocks_refused", "blocks whose rate is too far from the wanted one")) {}

awaitable<void> convert::run() {
    for (;;) {
        const auto block = co_await audio_.next();
        if (!block) break;
        const bool possible = co_await take_format(format_of(*block));
        if (!possible) {
            count_refused_.add();
            continue;
        }
        if (!converter_) {
            co_await converted_.send(*block, block.header());
            continue;
        }
        last_ = block.header();
        auto samples = converter_->convert(block->samples.span());
        co_await send(std::move(samples), last_);
    }
    co_await finish();
}

awaitable<bool> convert::take_format(sound_format from) {
    if (from_ == from) co_return converter_ || from == wanted_;
    co_await finish();
    from_ = from;
    const bool possible = sound_converter::takes(from, wanted_);
    if (possible && from != wanted_) {
        converter_.emplace(from, wanted_);
        host_.log().info("{} becomes {}", to_string(from), to_string(wanted_));
    }
    std::string condition;
    if (!possible) condition = fmt::format("nothing is sent: {} cannot become {}", to_string(from), to_string(wanted_));
    host_.set_condition(std::move(condition));
    co_return possible;
}

awaitable<void> convert::finish() {
    if (!converter_) co_return;
    auto rest = converter_->finish();
    converter_.reset();
    co_await send(std::move(rest), last_);
}

awaitable<void> convert::send(std::vector<std::byte> samples, message_header made_from) {
    if (samples.empty()) co_return;
    auto block = make_block(wanted_, std::move(samples));
    co_await converted_.send(std::move(block), made_from);
}

}  // namespace streamhost::audio
