#!/usr/bin/env bash
# Includes inside of core run one way: see docs/architecture.md, "Folders". Prints what breaks that.
set -euo pipefail
core=$1/core

# layer: what its files may include besides the public contract and themselves
declare -A may=(
    [async]='' [observe]='' [wire]=''
    [graph]='async observe wire' [net]='async observe wire' [terminal]='async observe wire' [topology]='' [plugin]=''
    [runtime]='async observe wire graph net terminal topology plugin'
)

status=0
for layer in "${!may[@]}"; do
    while IFS=: read -r file line text; do
        included=${text#*\"}
        included=${included%%/*}
        if [[ " $layer ${may[$layer]} " != *" $included "* ]]; then
            printf '%s:%s: %s must not include %s\n' "$file" "$line" "$layer" "$included"
            status=1
        fi
    done < <(grep -rnE '^#include "[a-z_]+/' "$core/src/$layer" || true)
done
if grep -rnE '^#include "' "$core/include"; then
    echo 'the public contract includes only itself and libraries'
    status=1
fi
exit "$status"
