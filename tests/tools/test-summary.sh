#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# tools/test-summary.py on made-up logs: the closing line must not flatter.
set -u
summary=$(realpath "$(dirname "$0")/../../tools/test-summary.py")
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0; failed=0

log() { # log RESULT STDOUT : one more program in the log
    printf '{"name": "nvbind:unit / base/text", "stdout": "%s", "result": "%s"}\n' "$2" "$1" >>"$T/log"
}

check() { # check NAME STATUS LAST-LINE [TEXT]
    n=$((n + 1)); verdict=ok
    out=$("$summary" gcc="$T/log"); rc=$?
    [ $rc = "$2" ] && [ "$(printf '%s\n' "$out" | tail -n 1)" = "$3" ] || verdict="not ok"
    case $out in *"${4:-}"*) ;; *) verdict="not ok" ;; esac
    echo "$verdict $n - $1"
    [ "$verdict" = ok ] || { failed=1; printf 'status %s\n%s\n' $rc "$out" | sed 's/^/# /'; }
    rm -f "$T/log"
}

check "no log is a failure" 1 "0 passed, 1 failed" "FAILED: gcc: no test ran"
: >"$T/log"; check "an empty log is a failure" 1 "0 passed, 1 failed"
log OK ""; check "a program without TAP counts once" 0 "1 passed, 0 failed"
log OK 'ok 1 - a\nok 2 - b\n1..2\n'; check "TAP results count each" 0 "2 passed, 0 failed"
log FAIL 'ok 1 - a\n# why\nnot ok 2 - b\n1..2\n'
check "a failed result is named with its log" 1 "1 passed, 1 failed" "FAILED: gcc: unit base/text: b"
log FAIL '# about a\nok 1 - a\n# before\nnot ok 2 - b\n# after\nok 3 - c\n# about d\nok 4 - d\n1..4\n'
check "only the words around a failed result are shown" 1 "3 passed, 1 failed" "unit base/text: b
    # before
    not ok 2 - b
    # after
3 passed"
log OK 'ok 1 - a\n# no GPU\nok 2 - b # SKIP\n1..2\n'
check "a skip tells the comment before it" 0 "1 passed, 0 failed, 1 skipped" "skipped: no GPU: gcc unit base/text b"
log OK 'ok 1 - a\nok 2 - b # SKIP needs root\n1..2\n'
check "a skip tells its own reason" 0 "1 passed, 0 failed, 1 skipped" "skipped: needs root: "
log SKIP '1..0 # SKIP no crun\n'; log OK ''
check "a program that skips all" 0 "1 passed, 0 failed, 1 skipped" "skipped: no crun"
log SKIP 'needs g++\n'; check "only skips is a failure" 1 "0 passed, 0 failed, 1 skipped" "skipped: needs g++"
log ERROR 'ok 1 - a\n1..2\n'; check "a broken plan is a failure" 1 "1 passed, 1 failed" "error"
log TIMEOUT 'ok 1 - a\n'; check "a timeout is a failure" 1 "1 passed, 1 failed" "timeout"
log FAIL ''; check "a crash without a word is a failure" 1 "0 passed, 1 failed"
echo "1..$n"
exit $failed
