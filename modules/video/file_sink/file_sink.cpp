#include "file_sink.hpp"

#include "recording_name.hpp"

#include <unistd.h>

#include <cerrno>

namespace streamhost::video {
namespace {

/// Between two tries to write on a disk that took nothing.
constexpr auto retry_period = std::chrono::seconds(5);

/// Names that are tried for one file.
constexpr int most_files = 10'000;

/// A source whose clock has jumped so far, or that was silent for so long, begins a new file.
constexpr std::int64_t longest_gap_ns = 60LL * 1'000'000'000;

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

module_info file_sink::describe() {
    return streamhost::describe<file_sink, file_sink_settings>("video.file_sink", "Records JPEG pictures in a video file")
        .setting("file", &file_sink_settings::file,
                 "its name, which ends in .mkv, .avi or .mp4; where it exists, `-2` and so on is added to the name")
            .required().exclusive()
        .setting("fps", &file_sink_settings::fps, "pictures a second that an .avi has; the others have times").range(1, 240)
        .input<encoded_image>("images", "JPEG pictures; to lose none, give the link a queue: {\"policy\": \"drop_oldest\", "
                                        "\"items\": 64}");
}

void file_sink::check(const file_sink_settings& chosen) {
    if (!format_of(chosen.file)) throw configuration_error("`file` has to end in .mkv, .avi or .mp4");
}

file_sink::file_sink(module_context& host, file_sink_settings chosen)
    : host_(host),
      chosen_(std::move(chosen)),
      images_(host.input<encoded_image>("images")),
      next_try_(host.clock().now()),
      count_written_(host.metric("pictures_written", "pictures in files")),
      count_bytes_(host.metric("bytes_written", "bytes of those")),
      count_dropped_(host.metric("pictures_dropped", "pictures that the disk did not take")),
      count_files_(host.metric("files_opened", "files that were begun")),
      count_errors_(host.metric("write_errors", "times that the disk took nothing more")) {
    check(chosen_);
}

awaitable<void> file_sink::prepare() {
    const auto folder = folder_of(chosen_.file);
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
        throw configuration_error(fmt::format("there is no folder {} to record in", folder.string()));
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throw configuration_error(fmt::format("cannot record in {}: {}", folder.string(),
                                              error_code(errno, boost::system::system_category()).message()));
    co_return;
}

awaitable<void> file_sink::run() {
    for (;;) {
        const auto image = co_await images_.next();
        if (!image) break;
        co_await record(*image, image.header().steady_ns);
    }
    co_await finish();
}

bool file_sink::belongs_to_file(const encoded_image& image, std::int64_t made_ns) const {
    if (!file_ || image.width != width_ || image.height != height_) return false;
    const auto since_first = made_ns - first_ns_;
    return since_first >= last_ns_ - longest_gap_ns && since_first <= last_ns_ + longest_gap_ns;
}

awaitable<void> file_sink::record(const encoded_image& image, std::int64_t made_ns) {
    if (!belongs_to_file(image, made_ns)) {
        co_await finish();
        const bool open = co_await open_next(image, made_ns);
        if (!open) {
            count_dropped_.add();
            co_return;
        }
    }
    last_ns_ = made_ns - first_ns_;
    const auto work = [&] { return file_->write(image.data.span(), duration(last_ns_)); };
    const auto written = co_await host_.blocking(work);
    if (!written) {
        count_dropped_.add();
        fail(written.error());
        co_return;
    }
    count_written_.add();
    count_bytes_.add(image.data.size());
}

awaitable<bool> file_sink::open_next(const encoded_image& image, std::int64_t made_ns) {
    if (host_.clock().now() < next_try_) co_return false;
    const picture_file_options options{*format_of(chosen_.file), image.width, image.height, chosen_.fps};
    int number = number_;
    std::string name;
    const auto work = [&] {
        result<std::unique_ptr<picture_file>> made = error_code(EEXIST, boost::system::system_category());
        while (!made && made.error().value() == EEXIST && number < most_files) {
            name = recording_name(chosen_.file, ++number).string();
            made = picture_file::create(name, options);
        }
        return made;
    };
    auto made = co_await host_.blocking(work);
    if (!made) {
        fail(made.error());
        co_return false;
    }
    file_ = std::move(*made);
    number_ = number;
    name_ = name;
    width_ = image.width;
    height_ = image.height;
    first_ns_ = made_ns;
    last_ns_ = 0;
    count_files_.add();
    host_.log().info("recording {}x{} in {}", width_, height_, name_);
    host_.set_condition({});
    co_return true;
}

awaitable<void> file_sink::finish() {
    if (!file_) co_return;
    const auto work = [&] { return file_->finish(); };
    const auto finished = co_await host_.blocking(work);
    if (!finished) {
        fail(finished.error());
        co_return;
    }
    file_.reset();
}

void file_sink::fail(error_code why) {
    file_.reset();
    count_errors_.add();
    next_try_ = host_.clock().now() + retry_period;
    host_.set_condition(fmt::format("cannot record in {}: {}", folder_of(chosen_.file).string(), why.message()));
}

}  // namespace streamhost::video
