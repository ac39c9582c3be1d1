#include "scripted_sources.hpp"

#include <memory>

namespace streamhost::video::test {
namespace {

class scripted_feed final : public picture_feed {
public:
    scripted_feed(script& from, life plan, module_context& host, std::function<void()> changed)
        : script_(from),
          plan_(std::move(plan)),
          info_(std::make_shared<const source_info>(plan_.info)),
          host_(host),
          timer_(host.timers()),
          changed_(std::move(changed)) {
        ++script_.open_feeds;
        if (plan_.info.live) {
            arm();
        } else {
            changed_();
        }
    }
    ~scripted_feed() override { --script_.open_feeds; }

    std::optional<source_event> take() override {
        if (stopped_) return std::nullopt;
        if (plan_.info.live) return std::exchange(ready_, std::nullopt);
        if (next_ == plan_.steps.size()) return std::nullopt;
        const auto& step = plan_.steps[next_];
        if (step.after > duration::zero() && !asked_at_) {
            asked_at_ = host_.clock().now();
            timer_.start_after(step.after, [this] { changed_(); });
        }
        if (asked_at_ && host_.clock().now() < *asked_at_ + step.after) return std::nullopt;
        asked_at_.reset();
        return finished(plan_.steps[next_++].event);
    }
    void stop() override {
        stopped_ = true;
        timer_.stop();
        if (!plan_.hangs) changed_();
    }
    bool ended() const override { return stopped_ && !plan_.hangs; }
    std::uint64_t take_replaced() override { return std::exchange(replaced_, 0); }

private:
    void arm() {
        if (next_ == plan_.steps.size()) return;
        timer_.start_after(plan_.steps[next_].after, [this] {
            if (ready_) ++replaced_;
            ready_ = finished(plan_.steps[next_++].event);
            changed_();
            arm();
        });
    }

    source_event finished(source_event event) const {
        if (auto* made = std::get_if<source_picture>(&event)) {
            made->from = info_;
            made->taken = host_.clock().now();
        }
        return event;
    }

    script& script_;
    life plan_;
    std::shared_ptr<const source_info> info_;
    module_context& host_;
    timer timer_;
    std::function<void()> changed_;
    std::size_t next_ = 0;
    std::optional<steady_time> asked_at_;  // for the next picture, where that takes its time
    bool stopped_ = false;
    std::optional<source_event> ready_;
    std::uint64_t replaced_ = 0;
};

class scripted_sources final : public picture_sources {
public:
    scripted_sources(script& from, module_context& host)
        : script_(from), host_(host), started_(host.clock().now()) {}

    std::vector<std::string> cameras() override { return script_.cameras; }

    std::unique_ptr<picture_feed> start(const source_request& request, const executor&,
                                        std::function<void()> changed) override {
        script_.openings.emplace_back(host_.clock().now() - started_, request.target.name);
        script_.requests.push_back(request);
        auto& lives = script_.lives[request.target.name];
        life plan{camera(), {{{}, source_failure{"no such device", {}}}}};
        if (!lives.empty()) {
            plan = std::move(lives.front());
            lives.pop_front();
        }
        return std::make_unique<scripted_feed>(script_, std::move(plan), host_, std::move(changed));
    }

private:
    script& script_;
    module_context& host_;
    steady_time started_;
};

}  // namespace

source_picture picture(int value, int width, int height) {
    source_picture made;
    std::vector<std::byte> pixels(static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
                                  static_cast<std::byte>(value));
    made.frame = video_frame{width, height, pixel_format::gray8, shared_bytes::adopt(std::move(pixels))};
    return made;
}

source_picture jpeg_picture(std::string bytes) {
    source_picture made;
    made.image = encoded_image{8, 6, image_codec::jpeg, shared_bytes::adopt(std::move(bytes))};
    return made;
}

source_info camera(double rate, bool gives_images) {
    return {.name = "camera", .live = true, .rate = rate, .gives_images = gives_images};
}

source_info film(double rate) { return {.name = "film", .live = false, .rate = rate}; }

std::vector<step> pictures(int count, duration period) {
    std::vector<step> steps;
    for (int i = 0; i < count; ++i) steps.push_back({period, picture(i)});
    return steps;
}

std::vector<step> operator+(std::vector<step> a, std::vector<step> b) {
    for (auto& each : b) a.push_back(std::move(each));
    return a;
}

scripted_capture::scripted_capture(module_context& host, capture_settings chosen)
    : capture(host, std::move(chosen), std::make_unique<scripted_sources>(*current, host)) {}

}  // namespace streamhost::video::test
