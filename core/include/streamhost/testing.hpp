#pragma once

#include <streamhost/module.hpp>
#include <streamhost/snapshot.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Runs one module in a test, without a host: no threads, no sockets, no waiting. Time is virtual and stands still until
/// the test lets it pass; the network is in memory; the same seed and the same calls give the same run.
///
///     testing::harness probe(testing::type<soil_probe>(), R"({ "period": "10s" })");
///     probe.run_for(30s);
///     EXPECT_EQ(probe.take<record>("readings").size(), 3);
namespace streamhost::testing {

/// The description of a module class.
template <class Module>
const module_info& type() {
    static const module_info info = Module::describe();
    return info;
}

/// What a harness does otherwise than usual.
struct options {
    std::uint64_t seed = 1;
    /// By the name of the input: in front of it, a bad network.
    std::map<std::string, link_fault> faults{};
    /// By the name of the input: another queue than that of its type.
    std::map<std::string, queue_options> queues{};
    /// Inputs and outputs that have no link. All others have one.
    std::vector<std::string> unlinked{};
    bool restarts = false;  ///< after a failure, as in a host: up to 5 times in a minute
    std::vector<std::string> allow{};  ///< networks, as in a topology
    viewer_options viewers{};
    session_limits limits{};
};

/// The other side of one of the module's sessions, by hand. Nothing waits: bytes move while the harness lets time pass.
class STREAMHOST_API peer {
public:
    class implementation;
    explicit peer(std::shared_ptr<implementation> inner) : inner_(std::move(inner)) {}

    /// Sends what there is room for now, and the rest as there is room.
    void write(std::string_view bytes);
    /// All that has come and was not read yet.
    std::string read();
    /// Whether the module has closed, or the session was refused.
    bool closed() const;
    /// No more writes; what was written still arrives.
    void finish();
    void close();

private:
    std::shared_ptr<implementation> inner_;
};

/// One instance of a module type. Everything on the test's thread.
class STREAMHOST_API harness {
public:
    /// Makes the module with these settings, as a topology has them, and awaits its `prepare()`; `run()` begins with the
    /// first time that passes. Throws `configuration_error` where the settings are wrong, or where `prepare()` fails.
    explicit harness(const module_info& type, std::string_view settings = "{}", options chosen = {});
    ~harness();
    harness(const harness&) = delete;
    harness& operator=(const harness&) = delete;

    /// Sends a message to an input; it is there when time passes. False where its queue refuses it.
    template <class T>
    bool feed(std::string_view input, T payload) {
        return feed_any(input, make_envelope<T>(std::move(payload)));
    }
    /// Nothing more comes at that input.
    void end(std::string_view input);

    /// What has come at an output since the last call.
    template <class T>
    std::vector<message<T>> take(std::string_view output) {
        std::vector<message<T>> all;
        for (auto& content : take_any(output, type_of<T>())) all.emplace_back(std::move(content));
        return all;
    }

    /// Lets that time pass.
    void run_for(duration span);
    /// Lets time pass until `done` holds; false where it does not within `limit`.
    bool run_until(const std::function<bool()>& done, duration limit = std::chrono::minutes(1));

    /// Asks the module to end, as SIGTERM does, and lets it; false where it has not within `limit`.
    bool drain(duration limit = std::chrono::seconds(5));

    /// Other settings, of which only `live()` ones are different. Throws `configuration_error` for others, or wrong ones.
    void reconfigure(std::string_view settings);

    /// A session to an address at which the module listens, as its settings write it. Closed at once where it does not.
    peer connect(std::string_view address);
    /// From now on the module's sessions to that address, a number and a port, are taken.
    void listen(std::string_view address);
    /// Those that were dialled since the last call, in their order.
    std::vector<peer> accept(std::string_view address);
    /// Nobody listens there any more.
    void refuse(std::string_view address);
    /// Breaks every session that is open, as a network that has gone would.
    void cut_sessions();

    /// State, condition, failure, restarts, counters and viewers.
    instance_snapshot snapshot() const;
    /// One of its counters; 0 where it has none of that name.
    std::uint64_t metric(std::string_view name) const;
    /// "warn: no signal"; all that it has logged so far.
    std::vector<std::string> log() const;
    const streamhost::clock& clock() const;

private:
    class implementation;

    bool feed_any(std::string_view input, envelope content);
    std::vector<envelope> take_any(std::string_view output, const message_type& type);

    std::unique_ptr<implementation> inner_;
};

}  // namespace streamhost::testing
