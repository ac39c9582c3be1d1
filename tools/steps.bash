# Progress lines and builds: sourced by ./quickstart, ./test and what is in tools/. Needs bash 5.1 and coreutils only.
# The sourcing script sets `root`, the project's folder. Its name stands before every error.
# shellcheck shell=bash
: "${root:?}"

say_error() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# One line per argument, the first with the script's name; ends the script with status 1.
fail() {
    say_error "$1"
    shift
    if (($#)); then printf '  %s\n' "$@" >&2; fi
    exit 1
}

# Status 2 is wrong usage, as with the host itself.
fail_usage() {
    say_error "$1"
    printf '  %s --help shows what there is\n' "$0" >&2
    exit 2
}

# A positive number of at most six digits, so that no arithmetic below overflows.
is_positive_number() {
    [[ $1 =~ ^[1-9][0-9]{0,5}$ ]]
}

elapsed_text() {
    if (($1 < 60)); then printf '%d s' "$1"; else printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); fi
}

# Ninja's own "[12/85]", when that is what the log ends on.
ninja_position() {
    tail -c 4096 "$1" 2>/dev/null | grep -ao '^\[[0-9]*/[0-9]*\]' | tail -n 1 || true
}

# Rewrites one terminal line each second until it is killed or the script has gone.
show_ticker() {
    local title=$1 log=$2 started=$SECONDS
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        printf '\r\033[K%s ... %s %s' "$title" "$(elapsed_text $((SECONDS - started)))" "$(ninja_position "$log")"
    done
}

# step TITLE LOG COMMAND...: runs the command with all of its output in LOG; one line says what is done and how long it
# took. On a terminal the line counts the seconds meanwhile. Returns the command's status.
step() {
    local title=$1 log=$2 started=$SECONDS status=0 ticker='' line_start=''
    shift 2
    if [[ -t 1 ]]; then
        printf '%s ...' "$title"
        show_ticker "$title" "$log" &
        ticker=$!
        line_start=$'\r\033[K'
    else
        printf '%s ...\n' "$title"
    fi
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [[ $ticker ]]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
    fi
    local outcome='done'
    if ((status)); then outcome=failed; fi
    printf '%s%s: %s, %s\n' "$line_start" "$title" "$outcome" "$(elapsed_text $((SECONDS - started)))"
    return "$status"
}

# A compiler that runs out of memory takes longest of all: 1.5 GB for each one, and never more than there are cores.
compile_jobs() {
    local cores kilobytes=0 key value rest
    cores=$(nproc)
    while read -r key value rest; do
        if [[ $key == MemAvailable: ]]; then kilobytes=$value; fi
    done </proc/meminfo
    local jobs=$((kilobytes / 1572864))
    if ((jobs > cores)); then jobs=$cores; fi
    if ((jobs < 1)); then jobs=1; fi
    printf '%d' "$jobs"
}

# The value of one entry of a preset's CMake cache; nothing where there is none.
cache_entry() {
    sed -n "s/^$2:[A-Z]*=//p" "$root/build/$1/CMakeCache.txt" 2>/dev/null || true
}

# True when CMake must run first. Ninja looks after changed CMakeLists.txt, but not after the presets.
needs_configure() {
    local folder=$root/build/$1
    [[ ! -f $folder/build.ninja || $root/CMakePresets.json -nt $folder/CMakeCache.txt ]] ||
        [[ $(cache_entry "$1" CMAKE_HOME_DIRECTORY) != "$root" ]]
}

# configure PRESET [-D...]. A build folder that came along with a copied checkout is begun afresh.
configure() {
    local preset=$1 fresh=()
    shift
    local home
    home=$(cache_entry "$preset" CMAKE_HOME_DIRECTORY)
    if [[ $home && $home != "$root" ]]; then fresh=(--fresh); fi
    (cd "$root" && cmake "${fresh[@]}" --preset "$preset" "$@")
}

# The end of a log, indented, for a step that failed. What compilers say in red is shown plainly.
show_log_end() {
    local log=$1 lines=$2
    printf '  the last lines of %s:\n' "$log" >&2
    tail -n "$lines" "$log" | sed $'s/\033\\[[0-9;]*[mK]//g; s/^/  | /' >&2
}
