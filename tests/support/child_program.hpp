#pragma once

#include "support/scratch_folder.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace streamhost::test {

/// How a program has ended: its status, or the signal that killed it.
struct program_end {
    int status = 0;
    int signal = 0;

    friend bool operator==(const program_end&, const program_end&) = default;
    friend std::ostream& operator<<(std::ostream& out, const program_end& end);
};

inline program_end exits_with(int status) { return {.status = status}; }
inline program_end killed_by(int signal) { return {.signal = signal}; }

/// A program that runs beside the test: started at once, killed and reaped at the end of the object's life. What it
/// writes goes to the files `NAME.out` and `NAME.log` (standard error) of the test's folder, or to a terminal.
class child_program {
public:
    struct options {
        std::vector<std::string> command;  ///< the first is looked for in PATH where it has no slash
        std::vector<std::pair<std::string, std::string>> environment;  ///< over the test's own
        std::vector<std::string> under{};  ///< a command that runs it, such as strace; then `pid()` is that command's
        std::filesystem::path input{};  ///< its standard input, empty: /dev/null; a FIFO is held open, so it has no end
        /// A terminal: its standard input, output and error, and the one that controls a session of its own.
        std::filesystem::path terminal{};
    };

    /// `name` tells the programs of a test apart; a program that is started again goes on in the same files.
    child_program(const scratch_folder& folder, std::string name, options chosen);
    ~child_program();
    child_program(const child_program&) = delete;
    child_program& operator=(const child_program&) = delete;

    const std::string& name() const noexcept { return name_; }
    pid_t pid() const noexcept { return pid_; }
    void send(int signal) const;

    bool ended() const;
    /// Empty where it has not ended within `limit`.
    std::optional<program_end> wait(std::chrono::milliseconds limit = usual_limit);

    std::filesystem::path log_file() const;
    std::filesystem::path out_file() const;
    std::string log() const { return read_file(log_file()); }
    std::string out() const { return read_file(out_file()); }

    /// Until this life of the program has written `text` to its standard error; false when it ended without.
    bool wait_log(std::string_view text, std::chrono::milliseconds limit = usual_limit) const;

    /// What /proc says about it; 0 once it has ended.
    std::size_t descriptors() const;
    std::size_t proportional_kb() const;   ///< PSS: its own pages, and its share of those that others use too
    std::size_t peak_resident_kb() const;  ///< the most that it ever had in memory
    bool blocks_signal(int signal) const;
    std::string mapped_files() const;

protected:
    const scratch_folder& folder() const noexcept { return folder_; }
    int ended_handle() const noexcept { return handle_; }

private:
    std::string proc(const char* file) const;

    const scratch_folder& folder_;
    std::string name_;
    std::size_t log_start_;  ///< what an earlier program of that name has written
    pid_t pid_ = -1;
    int handle_ = -1;  ///< pidfd
    std::optional<program_end> end_;
};

/// A program that only says something and ends.
struct finished_program {
    std::optional<program_end> end;  ///< empty: it had to be killed
    std::string out;
    std::string log;
};
finished_program run_program(const scratch_folder& folder, child_program::options chosen,
                             std::chrono::milliseconds limit = usual_limit);

}  // namespace streamhost::test
