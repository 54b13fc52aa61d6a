#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# Captured machines: build each of make.py, ask nvbind about it, compare with MACHINE/ANSWER here.
# After a wanted change: UPDATE=1 tests/machines/run.sh build/cli/nvbind build/tests/nvml/libnvidia-ml.so.1,
# then read the diff. The second is the NVML double, that answers for machines with a file `nvml`.
set -u
NVBIND=$(realpath "$1") DOUBLE=$(realpath "$2")
cd "$(dirname "$0")" || exit 1
LC_ALL=C PYTHONDONTWRITEBYTECODE=1; export LC_ALL PYTHONDONTWRITEBYTECODE
unset NVBIND_NVML NVBIND_NVML_LIBRARY NVML_DOUBLE
top=$(mktemp -d); trap 'rm -rf "$top"' EXIT
python3 make.py "$top" || exit 1
# Of the machine that runs the test: none of it may show in an answer.
WAYLAND_DISPLAY=/leak DISPLAY=:0 XDG_RUNTIME_DIR=/leak; export WAYLAND_DISPLAY DISPLAY XDG_RUNTIME_DIR
n=0; failed=0
answer() { # FILE ARGUMENT...
    file=$1; shift; n=$((n + 1))
    set -- "$NVBIND" "$@"
    [ -f "$top/$name/nvml" ] && set -- env NVBIND_NVML_LIBRARY="$DOUBLE" NVML_DOUBLE="$top/$name/nvml" "$@"
    # The image, if any, ends the options; whose ids stand behind it depends on who runs the test.
    got=$(timeout 20 "$@" --root "$top/$name" ${image:-} 2>&1 </dev/null; echo "exit $?")
    raw=$got
    got=$(printf '%s\n' "$got" | sed -z "${shown:-}" | sed "s|$top|TOP|g; s|\"hostID\": [0-9]*|\"hostID\": ID|")
    [ -n "${UPDATE:-}" ] && mkdir -p "$name" && printf '%s\n' "$got" >"$name/$file"
    if diff=$(printf '%s\n' "$got" | diff -u "$name/$file" - 2>&1); then
        echo "ok $n - $name $file"
    else
        failed=1; echo "not ok $n - $name $file"; printf '%s\n' "$diff" | sed 's/^/# /'
    fi
}
specification() { # FILE OPTION... : what is generated, and found good by validate
    file=$1; shift
    # One entry a line; the options that nearly all mounts have by one word.
    shown='s/{"\(path\|hostPath\|name\)"/\n&/g; s/"ro","nosuid","nodev","rbind","rprivate"/USUAL/g'
    shown="$shown; s/\n *- ro\n *- nosuid\n *- nodev\n *- rbind\n *- rprivate\n/ USUAL\n/g"
    answer "$file" cdi generate "$@"
    shown=
    # Notes come last, behind what was written.
    printf '%s\n' "$raw" | sed '/^nvbind: /d; /^exit [0-9]*$/d' >"$top/.specification"
    grep -q '^{*"*cdiVersion"*:' "$top/.specification" || return
    n=$((n + 1))
    if why=$("$NVBIND" cdi validate "$top/.specification" 2>&1); then
        echo "ok $n - $name $file is valid"
    else
        failed=1; echo "not ok $n - $name $file is valid"; printf '%s\n' "$why" | sed 's/^/# /'
    fi
}
for dir in "$top"/*/; do
    name=$(basename "$dir")
    specification cdi-base.json
    specification cdi-gaming.yaml --profile gaming --format yaml
    specification cdi-aiml.json --profile aiml
    answer info info
    answer info-detailed info --detailed
    answer info.json info --json
    answer doctor doctor
done
name=wsl2; answer info-wsl2 info --wsl2; answer info-wsl2.json info --wsl2 --json
name=no-gpu; answer info-wsl2 info --wsl2
name=nvidia-lost; answer doctor.json doctor --json
name=no-gpu; answer doctor.json doctor --json
name=absent; answer info info; specification cdi-base.json
name=hybrid-laptop
specification cdi-intel.json --vendor intel
specification cdi-amd --vendor amd
name=nvidia-debian
specification cdi-typed.json --device-name-strategy type-index
specification cdi-0.3.0 --cdi-version 0.3.0
specification cdi-0.3.0-typed.json --cdi-version 0.3.0 --device-name-strategy type-index --device-name-strategy uuid
specification cdi-1.0.0.json --cdi-version 1.0.0
specification cdi-2.0.0 --cdi-version 2.0.0
specification cdi-graphics.json --capabilities graphics,utility
specification cdi-unknown-capability --capabilities graphics,utilty
specification cdi-unknown-profile --profile game
specification cdi-no-all.json --no-all-device
name=nvidia-mig
specification cdi-typed.json --device-name-strategy type-index
specification cdi-no-nvml.json --no-nvml

# Each stage of a run, with a layer to place and a cache directory that is the same for everyone.
mkdir -p "$top/.lib" && : >"$top/.lib/libVkLayer_GHOSTFORGE_frames.so"
NVBIND_LIBDIR=$top/.lib XDG_CACHE_HOME=/var/cache; export NVBIND_LIBDIR XDG_CACHE_HOME
image=host
for name in amd hostile hybrid-laptop no-gpu nvidia-one; do
    for stage in devices edits oci; do
        answer "run-$stage.json" run --print "$stage" --profile gaming
    done
done
name=nvidia-one; answer run-request.json run --print request --profile gaming --gpu nvidia
name=hybrid-laptop
answer run-chosen.json run --print devices --gpu 1 --gpu intel
answer run-twice.json run --print devices --gpu 1 --gpu 0000:01:00.0
answer run-unknown run --print devices --gpu 9
answer run-none-and run --print devices --gpu none --gpu 0
name=bare
answer run-oci.json run --print oci
answer run-all run --print devices --gpu all
name=absent; answer run-oci run --print oci
image=
n=$((n + 1))
if [ -n "$(for dir in */; do [ -d "$top/$dir" ] || [ "$dir" = absent/ ] || echo "$dir"; done)" ]; then
    failed=1; echo "not ok $n - an expected answer has no machine"
else
    echo "ok $n - every expected answer has its machine"
fi
echo "1..$n"
exit $failed
