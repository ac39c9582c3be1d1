#!/usr/bin/env bash
# What README.md shows is what there is: readme_test.bash ROOT PROGRAM.
set -euo pipefail
root=$1 program=$2
place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
mkdir "$place/config"

# The first block of that kind: block KIND.
block() {
    awk -v start="\`\`\`$1" '$0 == "```" && inside {exit} inside {print} $0 == start {inside = 1}' "$root/README.md"
}

if ! diff -u "$root/config/robot.json" <(block jsonc); then
    echo 'README.md does not show config/robot.json as it is'
    exit 1
fi

# Both mistakes, and what is said about them.
sed 's/"fps": 30/"fps": "fast"/; s/"quality": 80/"qualty": 80/' "$root/config/robot.json" >"$place/config/robot.json"
(cd "$place" && "$program" check config/robot.json) >"$place/said" 2>&1 || true
if ! diff -u "$place/said" <(grep '^config/robot\.json:[0-9]' "$root/README.md"); then
    echo 'README.md does not show what "check" says'
    exit 1
fi
