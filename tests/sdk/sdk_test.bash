#!/usr/bin/env bash
# One case of the tests of the installed SDK: sdk_test.bash PROJECT BUILD COMPILER CASE. All of it happens below
# BUILD/sdk; `install` comes first.
# Cases are called by name.
# shellcheck disable=SC2317
set -euo pipefail

root=$1 build=$2 compiler=$3
place=$build/sdk/$4
prefix=$build/sdk/moved
streamhost=$prefix/bin/streamhost
host=''

finish() {
    local status=$?
    if [[ $host ]]; then kill -KILL "$host" 2>/dev/null || true; fi
    if ((status)); then tail -n 40 "$place"/*.log >&2 2>/dev/null || true; fi
    exit "$status"
}

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# run NAME COMMAND...: its output goes to NAME.log, which is shown when the test fails.
run() {
    local log=$place/$1.log
    shift
    timeout 240 "$@" >"$log" 2>&1 </dev/null || fail "status $? of: $*"
}

# refused TEXT COMMAND...: it fails and says that.
refused() {
    local text=$1
    shift
    if timeout 60 "$@" >"$place/refused.log" 2>&1 </dev/null; then fail "not refused: $*"; fi
    grep -qF -- "$text" <(tr '\n' ' ' <"$place/refused.log" | tr -s ' ') || fail "does not say \"$text\": $*"
}

# wait_for TEXT FILE: until the host has written it.
wait_for() {
    local tries
    for ((tries = 0; tries < 600; ++tries)); do
        if grep -qF -- "$1" "$2" 2>/dev/null; then return; fi
        kill -0 "$host" 2>/dev/null || fail "the host has ended without \"$1\""
        sleep 0.05
    done
    fail "the host has not said \"$1\""
}

start() {
    local log=$place/$1.log
    shift
    "$streamhost" "$@" >"$log" 2>&1 </dev/null &
    host=$!
}

stop() {
    local status=0
    kill -TERM "$host"
    wait "$host" || status=$?
    host=''
    ((status == 0)) || fail "the host ended with $status"
}

# As an author would, with the compiler of this build; nothing is optimised, which takes half of the time.
configure=(cmake -G Ninja -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix")

# try_project FOLDER: configures it in FOLDER/build, builds and tests it.
try_project() {
    run configure "${configure[@]}" -S "$1" -B "$1/build"
    run build cmake --build "$1/build" -j 2
    run test ctest --test-dir "$1/build" --output-on-failure --no-tests=error
}

case_install() {
    run install cmake --install "$build" --prefix "$place/first"
    rm -rf "$prefix"
    mv "$place/first" "$prefix"

    "$streamhost" --version
    diff <("$streamhost" describe) <("$build/bin/streamhost" describe) || fail 'not the same modules'
    local file
    for file in "$streamhost" "$prefix"/lib/streamhost/modules/*.so; do
        # shellcheck disable=SC2016
        [[ $(readelf -d "$file" | grep -E 'R(UN)?PATH') == *'[$ORIGIN/'* ]] || fail "$file looks elsewhere"
        [[ $(ldd "$file") == *"libstreamhost_core.so.0 => $prefix/"* ]] || fail "$file does not find libstreamhost_core"
    done
    if grep -rl -e "$build" -e "$root" "$prefix"/lib*/cmake; then fail 'these name folders of the build'; fi
    for file in include/streamhost/module.hpp share/man/man1/streamhost.1 share/streamhost/config/robot.json \
        share/streamhost/templates/module/CMakeLists.txt lib/systemd/system/streamhost@.service; do
        [[ -e $prefix/$file ]] || fail "$file is not there"
    done
    "$streamhost" check "$prefix/share/streamhost/config/robot.json"
}

# The whole way of an author: a project, its test, its topology, and what comes over a socket.
case_new_module() {
    cd "$place"
    run new-module "$streamhost" new-module soil.probe
    local lines
    lines=$(grep -cvE '^ *(//.*)?$' soil-probe/soil_probe.cpp)
    ((lines <= 40)) || fail "soil_probe.cpp has $lines lines of code"
    try_project soil-probe
    run check "$streamhost" check soil-probe/soil-probe.json --modules soil-probe/build/modules

    start probe --modules soil-probe/build/modules --topology soil-probe/soil-probe.json --set vars.port=0 \
        --ready-file ready.json
    wait_for 'print: {"value": ' probe.log
    local probe=$host port
    port=$(sed -n 's/.*"bound":"127\.0\.0\.1:\([0-9]*\)".*/\1/p' ready.json)
    start viewer --topology soil-probe/viewer.json --set vars.port="$port"
    wait_for 'print: {"value": ' viewer.log
    stop
    host=$probe
    stop

    # What this compiler makes wrong code of is refused before it is compiled, and said.
    if [[ $("$compiler" -dumpversion) == 12* && $("$compiler" --version) != *clang* ]]; then
        cp soil-probe/soil_probe.cpp right.cpp
        sed -i 's/const bool go_on = co_await beat.next();/if (!co_await beat.next()) break;/' soil-probe/soil_probe.cpp
        refused 'soil_probe.cpp:33: co_await in a condition crashes with GCC 12' cmake --build soil-probe/build
        mv right.cpp soil-probe/soil_probe.cpp
        run mended cmake --build soil-probe/build
    fi

    # Installed, it is where the host looks by itself.
    run install cmake --install soil-probe/build --prefix "$prefix"
    run describe "$streamhost" describe soil.probe
    rm "$prefix/lib/streamhost/modules/soil-probe.so"
}

# What `new-module` writes for every kind of message, put together in one source: it compiles, `check` takes its
# topologies, and messages come through.
case_every_kind() {
    cd "$place"
    local types=(record text bytes video_frame encoded_image audio_block) type names=() parts=() tests=()
    write() {
        local name=$1
        shift
        run new-module "$streamhost" new-module "try.$name" --folder "$name" "$@"
        names+=("$name")
        parts+=("namespace of_$name {" "#include \"$name/try_$name.cpp\"" '}')
    }
    for type in "${types[@]}"; do
        if [[ $type != encoded_image ]]; then write "source_$type" --output "$type"; fi
        write "sink_$type" --input "$type"
        write "same_$type" --input "$type" --output "$type"
    done
    for type in record text bytes video_frame audio_block; do
        write "made_$type" --input encoded_image --output "$type"
    done
    {
        printf '#include %s\n' '<streamhost/module.hpp>' '<boost/json/serialize.hpp>' '<fmt/format.h>' '<algorithm>' \
            '<chrono>' '<cstdint>' '<random>' '<vector>'
        printf '#pragma push_macro("STREAMHOST_MODULES")\n#undef STREAMHOST_MODULES\n#define STREAMHOST_MODULES(name)\n'
        printf '%s\n' "${parts[@]}"
        printf '#pragma pop_macro("STREAMHOST_MODULES")\nSTREAMHOST_MODULES(%s)\n' \
            "$(for type in "${names[@]}"; do printf 'of_%s::try_%s, ' "$type" "$type"; done | sed 's/, $//')"
    } >all.cpp
    cat >CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(try LANGUAGES CXX)
find_package(streamhost REQUIRED CONFIG)
add_streamhost_module(try all.cpp NO_PRECOMPILED_HEADER)
target_compile_options(try PRIVATE -O0 -Wall -Wextra -Werror)
END
    run configure "${configure[@]}" -S . -B build
    run build cmake --build build
    local name
    for name in "${names[@]}"; do
        run "check-$name" "$streamhost" check "$name/try-$name.json" --modules build/modules
        [[ $(<"check-$name.log") == ok ]] || fail "$name: $(<"check-$name.log")"
        [[ -e $name/viewer.json ]] && run "check-$name-viewer" "$streamhost" check "$name/viewer.json"
        tests+=("$name")
    done
    for name in "${tests[@]}"; do
        local said="$name: got " sets=()
        if [[ $name != sink_* ]]; then said=' print: ' sets=(--set vars.port=0); fi
        start "$name" --modules build/modules --topology "$name/try-$name.json" "${sets[@]}"
        wait_for "$said" "$name.log"
        stop
    done
}

case_examples() {
    local example
    for example in "$root"/examples/*/CMakeLists.txt; do
        example=$(dirname "$example")
        cp -r "$example" "$place/"
        try_project "$place/$(basename "$example")"
    done
}

# What new-module refuses, and what an author gets wrong in CMake.
case_refusals() {
    cd "$place"
    local name
    for name in probe soil. .probe soil.probe.two Soil.probe 9axis.imu soil/probe 'so il.probe' ../soil.probe; do
        refused 'is no name for a module type: take two names' "$streamhost" new-module "$name"
    done
    refused 'which is a word of C++' "$streamhost" new-module co.await
    name=soil.probe
    refused 'there is no such message type; take one of record, text' "$streamhost" new-module "$name" --output json
    refused 'pictures are encoded by the module video.encode' "$streamhost" new-module "$name" --output encoded_image
    [[ -z $(find . -mindepth 1 -type d) ]] || fail 'something was written'
    mkdir soil-probe
    echo mine >soil-probe/mine
    refused 'is there already, and nothing in it was changed' "$streamhost" new-module soil.probe
    [[ $(ls soil-probe) == mine ]] || fail 'the folder was changed'

    mkdir project
    printf 'cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\nfind_package(streamhost REQUIRED CONFIG)\n' \
        >project/CMakeLists.txt
    if [[ $compiler != *clang* ]]; then
        refused 'streamhost was built with GNU' "${configure[@]}" -S project -B clang -DCMAKE_CXX_COMPILER=clang++-16
    fi
    # What `cat` gets is CMake's own.
    # shellcheck disable=SC2016
    printf 'add_streamhost_module(${NAME})\n' >>project/CMakeLists.txt
    refused '"Soil" is no module type' "${configure[@]}" -S project -B wrong -DNAME='Soil;a.cpp'
    refused 'soil.probe has no sources' "${configure[@]}" -S project -B wrong -DNAME=soil.probe
    mkdir newer
    sed '$d; s/streamhost REQUIRED/streamhost 9 REQUIRED/' project/CMakeLists.txt >newer/CMakeLists.txt
    refused 'compatible with requested version "9"' "${configure[@]}" -S newer -B newer/build
}

# The service gives away what it does not need; and the shipped topology stands in for one of /etc.
case_service() {
    local unit=$prefix/lib/systemd/system/streamhost@.service
    run security systemd-analyze security --offline=true --threshold=20 "$unit"
    local command
    command=$(sed -n 's/^ExecStart=//p' "$unit")
    command=$(sed "s#/usr[a-z/]*/bin/#$prefix/bin/#; s#/usr[a-z/]*/share/#$prefix/share/#" <<<"$command")
    # shellcheck disable=SC2016
    command=$(sed 's/[$][$]/$/g; s/--topology/check/; s/%i/"$1"/' <<<"$command")
    run robot bash -c "$command" sh robot
    [[ $(<"$place/robot.log") == ok ]] || fail 'the role robot is not found'
    refused 'nothing.json' bash -c "$command" sh nothing
}

case_man_page() {
    local word page
    page=$(sed 's/\\-/-/g' "$prefix/share/man/man1/streamhost.1")
    for word in $("$streamhost" --help | grep -oE -e '--[a-z-]+' -e '^  [a-z][a-z-]+ ' | sort -u); do
        [[ $word == --help ]] || grep -qwF -e "$word" <<<"$page" || fail "streamhost(1) says nothing of $word"
    done
}

rm -rf "$place"
mkdir -p "$place"
trap finish EXIT
"case_$4"
