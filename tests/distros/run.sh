#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# run.sh BUILD-FOLDER [SUITE...] - every test here in every Debian named; the last line counts.
# A Debian is made once in .cache/distros, from the network: a minute and 300 MB each, and another 700 MB with a
# kernel where qemu is installed. Remove the folder to have newer ones.
set -u
build=$1; shift
here=$(dirname "$0") T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
    for name in units apt pacman vm images; do
        echo "== $name ($suite)"
        timeout 900 "$here/$name.sh" "$suite" "$build" >"$T/out" 2>&1 ||
            grep -q '^not ok' "$T/out" || echo "not ok - $name.sh ended with status $?" >>"$T/out"
        cat "$T/out"
        sed "s/^1\.\.0 # SKIP/ok - $name ($suite) # SKIP/" "$T/out" >>"$T/all"
    done
done
failed=$(grep -c '^not ok' "$T/all"); skipped=$(grep -c '^ok .*# SKIP' "$T/all"); passed=$(grep -c '^ok ' "$T/all")
echo "$((passed - skipped)) passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
