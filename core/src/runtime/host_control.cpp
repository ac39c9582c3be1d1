#include "runtime/host_control.hpp"

#include "async/lane.hpp"
#include "async/machine_clock.hpp"
#include "topology/json_reader.hpp"

#include <streamhost/control.hpp>
#include <streamhost/event.hpp>
#include <streamhost/log.hpp>
#include <streamhost/result.hpp>
#include <streamhost/snapshot_json.hpp>
#include <streamhost/task_group.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <optional>
#include <thread>
#include <tuple>

namespace streamhost {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using local = asio::local::stream_protocol;
using session_type = asio::basic_stream_socket<local, executor>;

constexpr std::size_t longest_question = 64 * 1024;
constexpr auto question_limit = 5s;
constexpr auto answer_limit = 25s;
constexpr std::size_t most_tasks = 18;  // sessions, and those that accept and watch
constexpr auto look_every = 500ms;

/// What tells one content of a file from another without reading it; an editor that renames makes another inode.
using file_mark = std::tuple<dev_t, ino_t, off_t, std::int64_t, std::int64_t>;

std::optional<file_mark> mark_of(const std::string& path) {
    struct stat now {};
    if (::stat(path.c_str(), &now) != 0) return std::nullopt;
    return file_mark{now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec, now.st_mtim.tv_nsec};
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(max_topology_bytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

/// The folder may be a shared one: nobody else may look into it, or have made it.
bool make_private_folder(const std::filesystem::path& folder) {
    std::error_code code;
    std::filesystem::create_directories(folder.parent_path(), code);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return false;
    struct stat now {};
    return ::lstat(folder.c_str(), &now) == 0 && S_ISDIR(now.st_mode) && now.st_uid == ::geteuid() && (now.st_mode & 0077) == 0;
}

json::object refusal(std::string_view text) { return {{"good", false}, {"text", std::string(text) + "\n"}}; }

}  // namespace

class host_control::implementation {
public:
    explicit implementation(host_control_parts parts) : parts_(std::move(parts)), acceptor_(lane_.own_executor()) {
        open();
        tasks_.spawn(watch());
        lane_.start();
    }

    ~implementation() {
        asio::post(lane_.own_executor(), [this] { tasks_.terminate(); });
        while (tasks_left() > 0) std::this_thread::yield();  // a turn or two of the lane
        lane_.stop();
        lane_.thread().join();
        if (!path_.empty()) ::unlink(path_.c_str());
    }

private:
    void open() {
        if (parts_.folder.empty()) return;
        const auto refuse = [&](const std::string& why) {
            log_.warn("no control socket in {}: {}; \"streamhost status\" will not find this host", parts_.folder.string(), why);
        };
        if (!make_private_folder(parts_.folder)) return refuse("the folder cannot be made, or is not this user's alone");
        const auto path = path_for(parts_.name());
        ::unlink(path.c_str());  // of an earlier process of this number
        try {
            const local::endpoint at(path.string());
            acceptor_.open(at.protocol());
            ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
            acceptor_.bind(at);
            path_ = path;
            acceptor_.listen();
        } catch (const std::exception& e) {
            return refuse(e.what());
        }
        log_.debug("control socket {}", path_.string());
        tasks_.spawn(accept_all());
    }

    std::filesystem::path path_for(const std::string& name) const {
        return parts_.folder / (name + "." + std::to_string(::getpid()) + ".sock");
    }

    /// Who looks for the host finds it by the name that it has now.
    void follow_name() {
        if (path_.empty()) return;
        auto wanted = path_for(parts_.name());
        if (wanted != path_ && ::rename(path_.c_str(), wanted.c_str()) == 0) path_ = std::move(wanted);
    }

    std::size_t tasks_left() {
        const auto left = std::make_shared<std::promise<std::size_t>>();
        auto answer = left->get_future();
        asio::post(lane_.own_executor(), [this, left] { left->set_value(tasks_.size()); });
        return answer.get();
    }

    awaitable<void> pause(duration delay) {
        event over;
        timer deadline(lane_.timers());
        deadline.start_after(delay, [&over] { over.set(); });
        co_await over.wait();
    }

    awaitable<void> accept_all() {
        for (;;) {
            auto [code, session] = co_await acceptor_.async_accept(asio::as_tuple(use_awaitable));
            if (code) {
                co_await pause(100ms);  // out of descriptors
                continue;
            }
            ::fcntl(session.native_handle(), F_SETFD, FD_CLOEXEC);
            if (tasks_.size() < most_tasks && is_own(session)) tasks_.spawn(serve(std::move(session)));
        }
    }

    static bool is_own(session_type& session) {
        ucred peer{};
        socklen_t length = sizeof peer;
        if (::getsockopt(session.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
        return peer.uid == ::geteuid() || peer.uid == 0;
    }

    /// Questions, one after the other, until the peer goes.
    awaitable<void> serve(session_type session) {
        timer deadline(lane_.timers());
        std::string content;
        for (;;) {
            deadline.start_after(question_limit, [&session] { session.close(); });
            const auto [code, length] = co_await asio::async_read_until(
                session, asio::dynamic_buffer(content, longest_question), '\n', asio::as_tuple(use_awaitable));
            deadline.stop();
            if (code) break;
            const std::string question = content.substr(0, length);
            content.erase(0, length);
            const auto reply = co_await answer_to(question);
            const auto line = json::serialize(reply) + "\n";
            const auto [failure, unused] =
                co_await asio::async_write(session, asio::buffer(line), asio::as_tuple(use_awaitable));
            if (failure) break;
        }
    }

    awaitable<json::object> answer_to(const std::string& line) {
        error_code code;
        const auto parsed = json::parse(line, code);
        if (code || !parsed.is_object()) co_return refusal("a question is an object of JSON on one line");
        const auto& question = parsed.as_object();
        for (const auto& [key, value] : question) {
            const bool good = key == "set" ? value.is_object() : (key == "do" || key == "topology") && value.is_string();
            if (!good) co_return refusal("a question has \"do\" and \"topology\", which are texts, and \"set\", an object of texts");
        }
        const auto text_of = [&](const char* key) {
            const auto* const value = question.if_contains(key);
            return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
        };
        const auto what = text_of("do");
        if (what == "status") co_return json::object{{"good", true}, {"status", to_json(parts_.of.snapshot())}};
        if (what == "plan" || what == "reload") {
            topology_choice which{.topology = text_of("topology")};
            const auto* const sets = question.if_contains("set");
            for (const auto& [path, value] : sets != nullptr && sets->is_object() ? sets->get_object() : json::object()) {
                if (!value.is_string()) co_return refusal("\"set\" is an object of texts");
                which.sets.emplace_back(path, value.get_string());
            }
            auto reply = co_await ask_main(what == "reload", std::move(which));
            co_return reply;
        }
        co_return refusal("\"do\" is status, plan or reload");
    }

    awaitable<json::object> ask_main(bool reload, topology_choice which) {
        // The host may end before it comes to this, and we may end before it answers.
        struct waiting {
            event done;
            std::optional<reload_report> report;
        };
        const auto place = std::make_shared<waiting>();
        timer limit(lane_.timers());
        limit.start_after(answer_limit, [place] { place->done.set(); });
        const auto done = [weak = std::weak_ptr<waiting>(place), alive = std::weak_ptr<int>(alive_), this](const reload_report& report) {
            const auto here = alive.lock();
            if (!here) return;
            asio::post(lane_.own_executor(), [weak, report] {
                const auto still = weak.lock();
                if (!still) return;
                still->report = report;
                still->done.set();
            });
        };
        if (reload) parts_.of.reload(done, std::move(which));
        else parts_.of.preview(done, std::move(which));
        co_await place->done.wait();
        follow_name();
        if (!place->report) co_return refusal("the host gives no answer: it ends, or something blocks it");
        co_return json::object{{"good", place->report->good}, {"text", place->report->text}};
    }

    /// Takes another content when the file has been left alone for one look, so that no half of it is read.
    awaitable<void> watch() {
        std::string file;
        std::optional<file_mark> known, seen;  // known: what it held then runs, or was refused
        for (;;) {
            co_await pause(look_every);
            follow_name();
            const auto running = parts_.watched();
            const auto wanted = running ? running->file : std::string();
            if (wanted != file) {
                if (wanted.empty()) log_.info("no longer watching {}", file);
                else log_.info("watching {}", wanted);
                file = wanted;
                known = seen = std::nullopt;
            }
            if (file.empty()) continue;
            const auto now = mark_of(file);
            const bool settled = now == seen;
            seen = now;
            if (!now || now == known || !settled) continue;
            known = now;
            if (content_of(file) == running->text) continue;
            log_.info("{} has changed", file);
            parts_.of.reload();
        }
    }

    host_control_parts parts_;
    logger log_{"control"};
    machine_clock time_;
    lane lane_{"control", time_};
    asio::basic_socket_acceptor<local, executor> acceptor_;
    task_group tasks_{lane_.own_executor()};
    std::filesystem::path path_;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

host_control::host_control(host_control_parts parts) : inner_(std::make_unique<implementation>(std::move(parts))) {}
host_control::~host_control() = default;

}  // namespace streamhost
