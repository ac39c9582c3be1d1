#include "command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <map>

namespace fault_proxy {
namespace {

constexpr int wrong_usage = 2;

constexpr const char* summary =
    "Stands between a client and a server, over TCP or UDP, and spoils what passes: loses, doubles, swaps, delays, slows\n"
    "down, holds up, cuts off. With the same --seed, the same packets suffer the same, whenever they come.\n"
    "\n"
    "A flow is a TCP connection, or all datagrams of one client's address. \"up\" is from the client to the server, \"down\"\n"
    "the way back: --loss is for both, --up-loss and --down-loss for one, and so with every fault below.\n";

constexpr const char* examples =
    "Examples:\n"
    "  fault_proxy --udp --listen 127.0.0.1:7000 --to 127.0.0.1:9699 --loss 0.05 --seed 7\n"
    "      a network that loses one datagram in twenty\n"
    "  fault_proxy --udp --listen 127.0.0.1:7000 --to 127.0.0.1:9699 --delay 20ms --jitter 10ms --down-reorder 0.02\n"
    "      Wi-Fi; one in fifty of the server's datagrams is overtaken by the next one\n"
    "  fault_proxy --tcp --listen 127.0.0.1:7000 --to 127.0.0.1:9999 --down-rate 100kB\n"
    "      a viewer behind 100,000 bytes a second\n"
    "  fault_proxy --tcp --listen 127.0.0.1:7000 --to 127.0.0.1:9999 --down-cut-after 1000000\n"
    "      each connection is reset once the client has had a million bytes\n"
    "  fault_proxy --tcp --listen 127.0.0.1:0 --to 127.0.0.1:9999 --ready-file r.json --stall-after 500kB --stall-for 12s\n"
    "      on a free port, which r.json then tells; each way falls silent once for twelve seconds\n"
    "\n"
    "kill -USR1 prints what has been counted as a line of JSON, and so does the end (SIGTERM, SIGINT).\n"
    "Exit status: 0 ended by a signal; 1 an address that cannot be used; 2 wrong usage.\n";

/// "20ms" as microseconds.
CLI::AsNumberWithUnit as_time() {
    return CLI::AsNumberWithUnit(std::map<std::string, std::int64_t>{{"us", 1}, {"ms", 1'000}, {"s", 1'000'000}},
                                 CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME");
}

CLI::AsNumberWithUnit as_bytes() {
    return CLI::AsNumberWithUnit(std::map<std::string, std::uint64_t>{{"B", 1}, {"kB", 1'000}, {"MB", 1'000'000}},
                                 CLI::AsNumberWithUnit::CASE_SENSITIVE, "BYTES");
}

class fault_options {
public:
    fault_options(CLI::App& app, proxy_options& target) : app_(app), target_(target) {
        share("loss", "Share of the datagrams that vanish: 0.05", &faults::loss);
        share("duplicate", "Share that arrives twice", &faults::duplicate);
        share("reorder", "Share that is overtaken by the next one", &faults::reorder);
        time("delay", "How much later all arrives: 20ms", &faults::delay);
        time("jitter", "Up to so much later still; none overtakes another", &faults::jitter);
        size("rate", "Bytes a second: 100kB", &faults::rate);
        size("queue", "Bytes on their way at most (1048576); more is dropped (UDP) or waits at the sender (TCP)",
             &faults::queue);
        size("cut-after", "After so many bytes a connection is reset, a client's datagrams vanish", &faults::cut_after);
        size("stall-after", "After so many bytes nothing passes, once in each flow, for...", &faults::stall_after);
        time("stall-for", "...so long: 12s", &faults::stall_for);
    }

private:
    /// Adds NAME, up-NAME and down-NAME. `Raw` is what the command line holds.
    template <class Raw, class Value>
    void add(const std::string& name, const std::string& text, Value faults::*member, CLI::Validator form,
             const std::string& type) {
        form.description("");
        const auto into = [this, member](bool up, bool down) {
            return [this, member, up, down](const Raw& value) {
                if (up) target_.up.*member = Value(value);
                if (down) target_.down.*member = Value(value);
            };
        };
        // Callbacks run in this order, so one direction's own word counts wherever it stands.
        app_.add_option_function<Raw>("--" + name, into(true, true), text)->transform(form)->type_name(type)->group("Faults");
        add_one<Raw>("--up-" + name, into(true, false), form);
        add_one<Raw>("--down-" + name, into(false, true), form);
    }

    template <class Raw>
    void add_one(const std::string& name, const std::function<void(const Raw&)>& into, const CLI::Validator& form) {
        app_.add_option_function<Raw>(name, into, "")->transform(form)->group("");  // the text above says that it exists
    }

    void share(const char* name, const char* text, double faults::*member) {
        add<double>(name, text, member, CLI::Range(0.0, 1.0), "SHARE");
    }
    void time(const char* name, const char* text, std::chrono::microseconds faults::*member) {
        add<std::int64_t>(name, text, member, as_time(), "TIME");
    }
    template <class Size>
    void size(const char* name, const char* text, Size faults::*member) {
        add<std::uint64_t>(name, text, member, as_bytes(), "BYTES");
    }

    CLI::App& app_;
    proxy_options& target_;
};

bool has_datagram_faults(const faults& chosen) { return chosen.loss > 0 || chosen.duplicate > 0 || chosen.reorder > 0; }

void check(const proxy_options& chosen, bool tcp) {
    if (chosen.udp == tcp) throw CLI::ValidationError("--tcp, --udp", "say one of them");
    if (tcp && (has_datagram_faults(chosen.up) || has_datagram_faults(chosen.down))) {
        throw CLI::ValidationError("--loss, --duplicate, --reorder",
                                   "TCP mends them before anybody sees them; what is left of them is --delay and --jitter");
    }
    for (const auto* each : {&chosen.up, &chosen.down}) {
        if ((each->stall_after != never) != (each->stall_for.count() > 0)) {
            throw CLI::ValidationError("--stall-after, --stall-for", "each needs the other: after how many bytes, how long");
        }
    }
}

}  // namespace

std::optional<command_line> read_command_line(int count, char** words, int& status) {
    command_line line;
    bool tcp = false;
    CLI::App app(summary, "fault_proxy");
    app.footer(examples);
    app.get_formatter()->column_width(30);
    app.add_flag("--tcp", tcp, "Passes connections on");
    app.add_flag("--udp", line.options.udp, "Passes datagrams on");
    app.add_option("--listen", line.options.listen, "Where clients come to; port 0: a free one")
        ->type_name("HOST:PORT")
        ->capture_default_str();
    app.add_option("--to", line.options.to, "The server")->type_name("HOST:PORT")->required();
    app.add_option("--seed", line.options.seed, "Of all chances")->capture_default_str();
    app.add_option("--ready-file", line.ready_file, "Write process id and address there, as JSON, once clients can come")
        ->type_name("PATH");
    const fault_options faults(app, line.options);
    try {
        app.parse(count, words);
        check(line.options, tcp);
    } catch (const CLI::ParseError& e) {
        status = app.exit(e) == 0 ? 0 : wrong_usage;
        return std::nullopt;
    }
    return line;
}

}  // namespace fault_proxy
