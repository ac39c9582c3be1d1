#include "sound_file.hpp"

#include "sample_value.hpp"
#include "setting_ranges.hpp"

#include <streamhost/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace streamhost::audio {
namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw configuration_error("file " + path + ": " + why);
}

/// Whether 16 bits hold all that the file has.
bool fits_s16(int file_format) {
    switch (file_format & SF_FORMAT_SUBMASK) {
        case SF_FORMAT_PCM_S8:
        case SF_FORMAT_PCM_U8:
        case SF_FORMAT_PCM_16:
        case SF_FORMAT_ULAW:
        case SF_FORMAT_ALAW:
        case SF_FORMAT_IMA_ADPCM:
        case SF_FORMAT_MS_ADPCM:
        case SF_FORMAT_GSM610:
        case SF_FORMAT_ALAC_16: return true;
        default: return false;
    }
}

}  // namespace

sound_file::sound_file(const std::string& path, std::optional<sample_format> wanted) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) refuse(path, std::generic_category().message(errno));
    struct stat properties {};
    if (::fstat(descriptor, &properties) != 0 || !S_ISREG(properties.st_mode)) {
        ::close(descriptor);
        refuse(path, "is no file with sound in it");
    }
    file_.reset(::sf_open_fd(descriptor, SFM_READ, &info_, SF_TRUE));
    if (!file_) refuse(path, std::string("is not understood: ") + ::sf_strerror(nullptr));
    if (info_.samplerate < lowest_rate || info_.samplerate > highest_rate || info_.channels < 1 ||
        info_.channels > most_channels) {
        refuse(path, fmt::format("{} Hz with {} channels is out of range", info_.samplerate, info_.channels));
    }
    if (info_.frames <= 0) refuse(path, "holds no sound");
    const auto lossless = fits_s16(info_.format) ? sample_format::s16 : sample_format::f32;
    format_ = {info_.samplerate, info_.channels, wanted.value_or(lossless)};
}

std::string sound_file::describe() const {
    SF_FORMAT_INFO name{};
    name.format = info_.format & SF_FORMAT_TYPEMASK;
    ::sf_command(nullptr, SFC_GET_FORMAT_INFO, &name, sizeof name);
    return fmt::format("{}, {}, {:.1f} s", name.name != nullptr ? name.name : "unknown", to_string(format_),
                       static_cast<double>(info_.frames) / format_.rate);
}

template <class Sample, class Read>
std::vector<Sample> sound_file::read_samples(int most, Read read) {
    const auto channels = static_cast<std::size_t>(format_.channels);
    std::vector<Sample> samples(static_cast<std::size_t>(most) * channels);
    const auto frames = read(file_.get(), samples.data(), most);
    samples.resize(static_cast<std::size_t>(std::max<sf_count_t>(0, frames)) * channels);
    return samples;
}

audio_block sound_file::read(int most) {
    if (format_.samples == sample_format::s16 && fits_s16(info_.format)) {
        return make_block(format_, read_samples<std::int16_t>(most, ::sf_readf_short));
    }
    auto samples = read_samples<float>(most, ::sf_readf_float);
    if (format_.samples == sample_format::f32) return make_block(format_, std::move(samples));
    std::vector<std::int16_t> rounded(samples.size());
    std::ranges::transform(samples, rounded.begin(), to_s16);
    return make_block(format_, std::move(rounded));
}

void sound_file::rewind() { ::sf_seek(file_.get(), 0, SEEK_SET); }

std::string sound_file::problem() const {
    return ::sf_error(file_.get()) == SF_ERR_NO_ERROR ? std::string() : std::string(::sf_strerror(file_.get()));
}

}  // namespace streamhost::audio
