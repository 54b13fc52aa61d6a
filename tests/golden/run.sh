#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# Golden tests: run each CASE/cmd and compare what it says with CASE/expected.
# After a wanted change: UPDATE=1 tests/golden/run.sh build/cli/nvbind, then read the diff.
set -u
NVBIND=$(realpath "$1"); export NVBIND
cd "$(dirname "$0")" || exit 1
GOLDEN=$PWD; export GOLDEN
LC_ALL=C; export LC_ALL
NVBIND_STORE=/nowhere/nvbind-store; export NVBIND_STORE # no image is there but host
n=0; failed=0
for dir in */; do
    n=$((n + 1)); name=${dir%/}
    got=$(sh "$dir/cmd" 2>&1; echo "exit $?")
    [ -n "${UPDATE:-}" ] && printf '%s\n' "$got" >"$dir/expected"
    if diff=$(printf '%s\n' "$got" | diff -u "$dir/expected" -); then
        echo "ok $n - $name"
    else
        failed=1; echo "not ok $n - $name"; printf '%s\n' "$diff" | sed 's/^/# /'
    fi
done
echo "1..$n"
exit $failed
