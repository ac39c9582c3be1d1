#!/usr/bin/env bash
# Every source file stands in some CMake file: what a merge has dropped from there would never be missed.
#   sources.bash PROJECT
set -euo pipefail
cd -- "$1"
missing=0
lists=$(find . \( -name CMakeLists.txt -o -name '*.cmake' \) -not -path './build/*' -exec cat {} +)
while IFS= read -r file; do
    name=$(basename -- "$file")
    if ! grep -qF -- "$name" <<<"$lists"; then
        echo "in no CMake file: $file" >&2
        missing=1
    fi
done < <(find core modules hosts tests bench tools \( -name '*.cpp' -o -name '*_test.bash' \) -not -path '*/build/*')
exit "$missing"
