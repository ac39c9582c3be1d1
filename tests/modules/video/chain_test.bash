#!/bin/bash
# video.so through the real program: what `describe` says of it, and pattern -> encode -> TCP and decode from start to SIGTERM.
#   chain_test.bash PROGRAM MODULE_FOLDER
set -u
program=$1 modules=$2
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

for type in video.test_pattern video.encode video.decode; do
    "$program" describe "$type" --modules "$modules" | grep -q "^$type: " || fail "describe $type"
done

chain() {  # SETTINGS of the pattern
    cat <<TOPOLOGY
{
  "name": "chain",
  "modules": {
    "pattern": { "type": "video.test_pattern"$1 },
    "jpeg":    { "type": "video.encode" },
    "raw":     { "type": "video.decode" }
  },
  "links": [ "pattern -> jpeg -> raw" ]
}
TOPOLOGY
}

# A source that ends: the host ends with it.
chain ', "fps": 240, "count": 24' > "$folder/finite.json"
"$program" --topology "$folder/finite.json" --modules "$modules" || fail "status $? after the source has ended"

chain ', "width": 4096, "height": 4096' > "$folder/large.json"
said=$("$program" check "$folder/large.json" --modules "$modules" 2>&1)
[ $? -eq 2 ] || fail "a pattern of 16.8 megapixels is not refused with status 2"
[[ $said == *modules.pattern.height:*4096x4096* ]] || fail "the refusal is not named: $said"

# An endless one that is served too, until SIGTERM.
chain '' | sed 's|"links": \[|"links": [ "jpeg -> video.images",|
                s|"modules": {|"modules": { "video": { "type": "video.tcp_server", "listen": "127.0.0.1:0" },|' > "$folder/endless.json"
mkfifo "$folder/log"
"$program" --topology "$folder/endless.json" --modules "$modules" 2> "$folder/log" &
host=$!
exec {log}< "$folder/log"
while read -r -t 60 line <&"$log"; do
    [[ $line == *"chain starts on"* ]] && break
done
[[ ${line-} == *"chain starts on"* ]] || fail "the host did not start"
heavy=$(grep -ioE '[^/]*(opencv|qt5|qt6)[^/]*\.so[^ ]*' "/proc/$host/maps" | sort -u)
[ -z "$heavy" ] || fail "mapped without need: $heavy"
grep -q '/video\.so$' "/proc/$host/maps" || fail "video.so is not mapped, so the line above proves nothing"
kill -TERM "$host"
wait "$host" || fail "status $? after SIGTERM"
cat <&"$log" >&2

[ "$failures" -eq 0 ]
