#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# tools/demo around a made-up nvbind: the display, the picture, the figures, what it says when
# something fails, and that nothing stays behind.
# shellcheck disable=SC2009,SC2010 # whole command lines; our own names
set -u
here=$(realpath "$(dirname "$0")"); demo=$here/../../tools/demo
for tool in Xvfb vkcube; do
    command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
mkdir -p "$T/build/cli" "$T/tmp"
ln -s "$here/fake-nvbind" "$T/build/cli/nvbind"
TMPDIR=$T/tmp FAKE_LOG=$T/fake PYTHONDONTWRITEBYTECODE=1
export TMPDIR FAKE_LOG PYTHONDONTWRITEBYTECODE
unset DISPLAY XAUTHORITY
WAYLAND_DISPLAY=wayland-9; export WAYLAND_DISPLAY
n=0; failed=0

report() { # report NAME OUTPUT : it failed when there is output
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"
    else failed=1; echo "not ok $n - $1"; printf '%s\n' "$2" | sed 's/^/# /'; fi
}

go() { # go FAKE : sets out and rc
    out=$(FAKE=$1 "$demo" "$T/build" 2>&1); rc=$?
}

expect() { # expect NAME STATUS TEXT...
    name=$1; bad=; [ $rc = "$2" ] || bad="status $rc: $out"; shift 2
    for text; do case $out in *"$text"*) ;; *) bad="no '$text' in: $out" ;; esac; done
    report "$name" "$bad"
}

left() { # what stayed behind
    ls -A "$T/tmp"; ps -eo args | grep -F "$T/tmp" | grep -v grep
}

go good
expect "it runs on a display of its own" 0 "an Xvfb of the demo's own" "no GPU found: software Vulkan (lavapipe)" \
    "started in 5.432 ms" "1.234 ms  clone" "600 in 2.500 s, 3 lost" "240.2 on average, 1 % low 99.5" "16.125 ms worst"
report "nothing is left" "$(left)"
report "Wayland is hidden from the run" "$(grep -v 'WAYLAND_DISPLAY= ' "$T/fake")"
report "its figures and samples are in demo.json" "$(python3 - "$T/build/demo.json" 2>&1 <<'PY'
import json, sys
told = json.load(open(sys.argv[1]))
assert told["summary"]["fps_average"] == told["report"]["frames"]["fps"]["average"] == 240.25, told
assert told["report"]["frames"]["raw_frame_ns"] == [4000000, 16125000], told
assert told["summary"]["phases_ms"] == {"clone": 1.2345, "mounts": 4.1976}, told
PY
)"
report "demo.png shows a drawing" "$(python3 - "$T/build/demo.png" 2>&1 <<'PY'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">II", data[16:24]) == (640, 480)
size = struct.unpack(">I", data[33:37])[0]
rows = zlib.decompress(data[41:41 + size])
assert len(rows) == 480 * (1 + 640 * 3) and len(set(rows)) > 32, len(set(rows))
PY
)"

SOFTWARE=false; export SOFTWARE
go good; expect "a GPU is named" 0 "GPU         Card (driver drv)"
go no-info; expect "a failing info is told" 1 "nvbind info failed" "doctor"
go refuse; expect "a refused start is told with its words" 1 "ended with status 125" "cannot make a user namespace" "try: "
report "an old picture is not left to deceive" "$(ls "$T/build" | grep -E 'png|json')"
go blind; expect "no frame is a failure" 1 "the frame layer saw no frame"
go silent; expect "no report is a failure" 1 "left no report"
rm "$T/build/cli/nvbind"
go good; expect "no program is a failure" 1 "nvbind is not there" "try: make"
ln -s "$here/fake-nvbind" "$T/build/cli/nvbind"
out=$(FAKE=good PATH=/nowhere "$(python3 -c 'import sys; print(sys.executable)')" "$demo" "$T/build" 2>&1); rc=$?
expect "no vkcube is a failure" 1 "vkcube is not installed" "tools/install-deps demo"
DISPLAY=:9999 go good; expect "a dead display falls back" 0 "your display cannot be used" "an Xvfb of the demo's own"
DISPLAY=far:0 go good; expect "a display elsewhere falls back" 0 "not a display on this machine"
report "nothing is left after failures" "$(left)"

FAKE=slow "$demo" "$T/build" >/dev/null 2>&1 & pid=$!
tries=0; while [ ! -s "$T/fake.pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
kill -TERM $pid; wait $pid; rc=$?; out=
expect "it ends when told" 143
report "nothing is left then" "$(left; kill -0 "$(cat "$T/fake.pid")" 2>&1 | grep -v 'No such')"

Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp 3>"$T/number" 2>/dev/null & pid=$!
tries=0; while [ ! -s "$T/number" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
out=$(DISPLAY=:$(cat "$T/number") FAKE=good "$demo" "$T/build" 2>&1); rc=$?
kill $pid 2>/dev/null; wait $pid 2>/dev/null
expect "it runs on the user's display" 0 "display     yours, :"
echo "1..$n"
exit $failed
