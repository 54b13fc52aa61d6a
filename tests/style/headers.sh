#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# Each public header compiles alone, as C and as C++: headers.sh C-COMPILER
set -u
cc=$*; cxx=$(command -v g++ || command -v clang++ || true)
cd "$(dirname "$0")/../../include" || exit 1
n=0; failed=0

compile() { # compile HEADER LANGUAGE COMPILER
    n=$((n + 1))
    if out=$(printf '#include "%s"\n' "$1" | $3 -x "$2" -I . -Wall -Wextra -Werror -fsyntax-only - 2>&1); then
        echo "ok $n - $1 as $2"
    else
        failed=1; echo "not ok $n - $1 as $2"; printf '%s\n' "$out" | sed 's/^/# /'
    fi
}

for header in nvbind/*.h; do
    compile "$header" c "$cc"
    if [ -n "$cxx" ]; then compile "$header" c++ "$cxx"
    else n=$((n + 1)); echo "ok $n - $header as c++ # SKIP no g++ or clang++"; fi
done
echo "1..$n"
exit $failed
