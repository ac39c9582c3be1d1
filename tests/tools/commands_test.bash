#!/usr/bin/env bash
# Runs one case of the tests of ./quickstart, ./test and tools/dependencies: commands_test.bash ROOT CASE.
# The scripts are real and run in a copy whose path has a space; apt, CMake and the host are stand-ins that are found
# first in PATH, so nothing is installed or built.
# Cases are called by name, and what stand-ins do is for them to expand.
# shellcheck disable=SC2016,SC2317
set -euo pipefail

root=$1
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
project="$place/a copy"
calls=$place/calls

check() {
    if ! "$@"; then
        printf 'not so: %s\n--- output:\n%s\n--- calls:\n%s\n' "$*" "$(<"$place/output")" "$(cat "$calls")" >&2
        exit 1
    fi
}

says() {
    grep -qF -- "$1" "$place/output"
}

silent() {
    [[ ! -s $place/output ]]
}

called() {
    grep -qF -- "$1" "$calls"
}

not() {
    ! "$@"
}

# expect STATUS COMMAND...: runs it elsewhere than in the project, all it says is kept for `says`.
expect() {
    local expected=$1 status=0
    shift
    (cd / && "$@") >"$place/output" 2>&1 </dev/null || status=$?
    check test "$status" -eq "$expected"
}

# A program that comes first in PATH; its text is read from standard input.
stand_in() {
    printf '#!/bin/bash\n%s\n' "$(cat)" >"$place/bin/$1"
    chmod +x "$place/bin/$1"
}

# The system as the scripts see it: all packages installed, nothing to build, no display.
set_up() {
    mkdir -p "$project/config" "$place/bin"
    : >"$calls"
    cp -r "$root/quickstart" "$root/test" "$root/tools" "$root/CMakePresets.json" "$project/"
    touch "$project/config/robot.json" "$project/config/operator.json"
    export PATH="$place/bin:$PATH" CALLS=$calls
    unset DISPLAY WAYLAND_DISPLAY
    stand_in dpkg-query <<<'printf "installed %s\n" "${@:4}"'
    stand_in apt-get <<<'echo "apt-get $*" >>"$CALLS"'
    stand_in cmake <<<'echo "cmake $*" >>"$CALLS"'
    stand_in ctest <<<'echo "ctest $*" >>"$CALLS"'
    stand_in sudo <<<'[[ $1 == -n ]] && shift; exec "$@"'
}

nothing_is_installed() {
    stand_in dpkg-query <<<'exit 1'
}

# system_offers PATTERN: a package whose name matches has a candidate.
system_offers() {
    stand_in apt-cache <<END
for name in "\${@:2}"; do
    if [[ \$name =~ $1 ]]; then candidate=1.0; else candidate='(none)'; fi
    printf '%s:\n  Installed: (none)\n  Candidate: %s\n' "\$name" "\$candidate"
done
END
}

without_root() {
    stand_in sudo <<<'exit 1'
    if ((EUID)); then
        expect 1 "$@"
    else
        chmod -R a+rX "$place"
        expect 1 setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    fi
}

# A host that becomes ready, writes its picture and waits for its end, unless its topology says otherwise in bash.
install_host() {
    mkdir -p "$project/build/release/bin"
    cat >"$project/build/release/bin/streamhost" <<'END'
#!/bin/bash
set -eu
while (($#)); do
    case $1 in
        --topology) topology=$2 ;;
        --ready-file) ready=$2 ;;
        --set)
            echo "set $2" >>"$CALLS"
            if [[ $2 == *.snapshot=* ]]; then : >"${2#*=}"; fi ;;
    esac
    shift 2
done
name=${topology##*/} addresses='{}'
trap 'echo "TERM $name" >>"$CALLS"; kill %1 || true; echo "$name drained"; exit 0' TERM
source "$topology"
echo ' camera: chosen: a stand-in'
echo "$addresses" >"$ready.part" && mv "$ready.part" "$ready"
echo "$name ready"
sleep infinity &
while :; do wait || true; done
END
    chmod +x "$project/build/release/bin/streamhost"
}

case_help() {
    local command
    for command in quickstart test tools/{dependencies,clean-room,make-packages,cross-arm64}; do
        expect 0 "$project/$command" --help
        check says "${command##*/}"
        expect 2 "$project/$command" --no-such-option
        check says -no-such-option
    done
}

case_dependencies_that_are_there() {
    expect 0 "$project/tools/dependencies" test
    check silent
    check not called apt-get
}

case_dependencies_without_root() {
    nothing_is_installed
    system_offers '^(libboost.*1\.8[13]-dev|[^.]*)$'
    without_root "$project/tools/dependencies" run
    check says 'apt-get install -y --no-install-recommends --no-remove g++ cmake'
    check says ' libboost1.81-dev libboost-json1.81-dev '
    check not says 'apt-get update'
    check not called apt-get
}

case_dependencies_of_a_newer_system() {
    nothing_is_installed
    system_offers '^(libboost.*1\.83-dev|clang-18|[^.0-9]*|libcli11-dev|libturbojpeg0-dev|iproute2|python3-.*)$'
    expect 0 "$project/tools/dependencies" test --print
    check says libboost-json1.83-dev
    check says clang-18
    check not says 1.81
}

case_dependencies_are_installed() {
    nothing_is_installed
    system_offers .
    expect 0 "$project/tools/dependencies" run
    check called 'install -y --no-install-recommends --no-remove g++'
    check not called update
}

case_dependencies_read_the_lists_first() {
    nothing_is_installed
    system_offers ^no-such-package$
    expect 1 "$project/tools/dependencies" run
    check called update
    check says 'does not offer: g++'
}

case_dependencies_without_network() {
    nothing_is_installed
    system_offers ^no-such-package$
    stand_in apt-get <<<'echo "W: Failed to fetch http://deb.example/"'
    expect 1 "$project/tools/dependencies" run
    check says '| W: Failed to fetch'
    check says 'is the network there'
}

case_dependencies_in_conflict() {
    nothing_is_installed
    system_offers .
    stand_in apt-get <<'END'
echo "apt-get $*" >>"$CALLS"
if [[ $1 == -s ]]; then echo 'Remv libboost1.74-dev [1.74.0]'; else echo 'E: remove is disabled'; exit 100; fi
END
    expect 1 "$project/tools/dependencies" run
    check says 'nothing was removed'
    check says 'apt-get remove libboost1.74-dev'
}

case_dependencies_without_apt() {
    local tool
    mkdir "$place/few"
    for tool in bash cat dirname; do ln -s "$(command -v "$tool")" "$place/few/"; done
    expect 1 env PATH="$place/few" "$project/tools/dependencies" run
    check says 'Boost 1.81 or newer'
}

case_quickstart_ends_both_hosts() {
    install_host
    expect 0 "$project/quickstart" --seconds 1
    check says 'operator.json drained'
    check says 'quickstart.jpg shows what arrived'
    check says './test'
    printf 'TERM operator.json\nTERM robot.json\n' >"$place/expected"
    check diff "$place/expected" <(grep TERM "$calls")
}

case_quickstart_names_a_host_that_fails() {
    install_host
    echo 'echo the port is taken; exit 3' >"$project/config/robot.json"
    expect 1 "$project/quickstart"
    check says 'robot ended with status 3'
    check says '| the port is taken'
    check not says operator.json
}

case_quickstart_ends_with_its_operator() {
    install_host
    echo 'echo {} >"$ready"; exit 0' >"$project/config/operator.json"
    expect 0 "$project/quickstart"
    check says 'operator has ended'
    check called 'TERM robot.json'
}

# The kernel ends a host that is told to before it has come to its own code; so does this one.
case_quickstart_stopped_in_the_first_moment() {
    install_host
    echo 'touch "$PWD/started"; trap - TERM; exec sleep 1000' >"$project/config/robot.json"
    (
        while [[ ! -e $project/started ]]; do sleep 0.05; done
        kill -TERM "$(<"$place/pid")"
    ) &
    expect 0 bash -c 'echo $$ >"$1"; exec "$2"' bash "$place/pid" "$project/quickstart"
    check not says 'ended with status'
    check not says operator.json
}

case_quickstart_names_a_host_that_ends_by_itself_like_a_signal() {
    install_host
    echo 'exit 143' >"$project/config/robot.json"
    expect 1 "$project/quickstart"
    check says 'robot ended with status 143'
}

case_quickstart_says_what_is_shown() {
    install_host
    echo 'echo "11:43:57.416 warning camera: the test pattern is shown: no camera is connected"' >"$project/config/robot.json"
    expect 0 "$project/quickstart" --seconds 1
    check says 'robot: the test pattern is shown: no camera is connected'
    echo 'echo "11:43:57.416 info  camera: chosen: /dev/video0 (A camera), 640x480"' >"$project/config/robot.json"
    expect 0 "$project/quickstart" --seconds 1
    check says 'robot: chosen: /dev/video0 (A camera), 640x480'
}

# The robot has no terminal and says what it says to its log; the operator has it.
case_quickstart_gives_the_operator_the_terminal() {
    install_host
    local say='echo "$name reads $(realpath /proc/$$/fd/0), writes $(realpath /proc/$$/fd/1)"'
    echo "$say" >"$project/config/robot.json"
    echo "$say" >"$project/config/operator.json"
    mkfifo "$place/keys"
    exec 3<>"$place/keys"
    expect 0 bash -c '"$1" --seconds 1 <"$2"' bash "$project/quickstart" "$place/keys"
    check says "operator.json reads $place/keys, writes $place/output"
    check grep -qF "robot.json reads /dev/null, writes $project/build/quickstart-robot.log" \
        "$project/build/quickstart-robot.log"
}

case_quickstart_says_what_to_try_next() {
    install_host
    expect 0 "$project/quickstart" --seconds 1
    check says '--topology config/robot.json --set vars.source='
    # The remarks stand below each other.
    check test "$(awk '/^  .* # / {print index($0, " # ")}' "$place/output" | sort -u | wc -l)" -eq 1
}

with_a_page() {
    echo "addresses='{\"addresses\":[{\"instance\":\"chat\",\"address\":\"127.0.0.1:1\",\"bound\":\"127.0.0.1:1\"},{\"instance\":\"web\",\"address\":\"127.0.0.1:0\",\"bound\":\"127.0.0.1:8081\"}]}'" \
        >"$project/config/robot.json"
}

case_quickstart_prints_the_address_of_the_page() {
    install_host
    with_a_page
    unset SSH_CONNECTION
    expect 0 "$project/quickstart" --seconds 1
    check says 'page: http://127.0.0.1:8081/'
    check not says 'ssh -L'
    check not called 'set vars.allow'
    SSH_CONNECTION='192.168.1.5 50000 192.168.1.7 22' expect 0 "$project/quickstart" --seconds 1
    check says "ssh -L 8081:localhost:8081 $(id -un)@192.168.1.7"
}

case_quickstart_opens_to_the_network() {
    install_host
    with_a_page
    stand_in hostname <<<'echo "fe80::1 $(sed -n 2p "$CALLS.address")"'
    # The first network of this machine, if it has one; the stand-in says an address in it.
    local network=''
    network=$(awk '$3 == "00000000" && $8 != "00000000" && $8 != "Mask" {print $2; exit}' /proc/net/route)
    if [[ ! $network ]]; then
        expect 1 "$project/quickstart" --lan --seconds 1
        check says 'this machine is in no network'
        return
    fi
    printf 'x\n%d.%d.%d.%d\n' $((16#$network & 255)) $((16#$network >> 8 & 255)) $((16#$network >> 16 & 255)) \
        $(((16#$network >> 24) + 1)) >"$CALLS.address"
    expect 0 "$project/quickstart" --lan --seconds 1
    check says "page: http://$(sed -n 2p "$CALLS.address"):8081/"
    check called 'set vars.address=0.0.0.0'
    check called "set vars.allow=$(sed -n 2p "$CALLS.address" | cut -d. -f1-2)"
}

case_quickstart_of_a_file() {
    install_host
    echo 'echo "in $PWD"; exit 0' >"$place/mine.json"
    expect 0 "$project/quickstart" "$place/mine.json"
    check says 'in /'
    check not says robot.json
    expect 2 "$project/quickstart" "$place/not there"
}

case_quickstart_shows_a_build_that_fails() {
    stand_in cmake <<<'echo "no such header"; exit 1'
    expect 1 "$project/quickstart"
    check says '| no such header'
}

case_test_returns_what_ctest_does() {
    stand_in ctest <<<'echo "ctest $*" >>"$CALLS"; exit 8'
    expect 8 "$project/test" --jobs 3
    check called "--build $project/build/dev -j 3 --target all"
    check called "--build $project/build/asan -j 3 --target streamhost_tests"
    check called "ctest --test-dir $project/build/all"
    check grep -qF '"../dev" "../asan" "../tsan"' "$project/build/all/CTestTestfile.cmake"
    : >"$calls"
    expect 8 "$project/test" --full --jobs 1
    check called "--build $project/build/asan -j 1 --target all"
}

case_test_shows_a_build_that_fails() {
    stand_in cmake <<<'echo "no such header"; exit 1'
    expect 1 "$project/test"
    check says '| no such header'
    check not called ctest
}

set_up
"case_$2"
