// A program of your own that runs a topology: docs/writing-a-module.md.
#include <streamhost/host.hpp>
#include <streamhost/log.hpp>

#include <cstdio>
#include <exception>

int main(int count, char** arguments) {
    if (count != 3) return std::fprintf(stderr, "usage: %s TOPOLOGY MODULES\n", arguments[0]), 2;
    try {
        streamhost::host_options options;
        options.topology = arguments[1];
        options.module_folders = {arguments[2]};
        streamhost::host host(std::move(options));
        const int status = host.run();  // on the main thread: windows need that
        streamhost::close_log();
        return status;
    } catch (const std::exception& e) {  // a topology with errors: every problem, a line each
        std::fprintf(stderr, "%s\n", e.what());
        return 2;
    }
}
