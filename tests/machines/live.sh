#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# What only a live machine shows: who may open a device node. A captured machine becomes the root
# of nvbind by chroot, with real nodes in it, and is asked about as several users.
set -u
NVBIND=$(realpath "$1") DOUBLE=$(realpath "$2")
cd "$(dirname "$0")" || exit 1
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP chroot and mknod need root"; exit 0; }
PYTHONDONTWRITEBYTECODE=1; export PYTHONDONTWRITEBYTECODE
top=$(mktemp -d); trap 'rm -rf "$top"' EXIT
chmod 755 "$top"
python3 make.py "$top" || exit 1
tree=$top/amd
for lib in $(ldd "$NVBIND" | grep -o '/[^ ]*'); do
    mkdir -p "$tree$(dirname "$lib")" && cp -L "$lib" "$tree$lib"
done
cp "$NVBIND" "$tree/nvbind"
rm "$tree"/dev/dri/* "$tree/dev/kfd"
mknod -m 660 "$tree/dev/dri/renderD128" c 226 128 2>/dev/null &&
    mknod -m 600 "$tree/dev/dri/card0" c 226 0 && mknod -m 666 "$tree/dev/kfd" c 511 0 ||
    { echo "1..0 # SKIP mknod is not allowed here"; exit 0; }
chown 0:105 "$tree/dev/dri/renderD128"
echo 'render:x:105:' >"$tree/etc/group"
echo 'ann:x:1000:1000::/home/ann:/bin/sh' >"$tree/etc/passwd"
chroot "$tree" /nvbind --version >/dev/null || { echo "1..0 # SKIP chroot is not allowed here"; exit 0; }
n=0; failed=0
says() { # NAME WANTED COMMAND...
    name=$1 wanted=$2; shift 2; n=$((n + 1))
    if [ "$1" = asks ]; then got=$("$@" 2>&1 </dev/null); else got=$(env -i PATH="$PATH" "$@" 2>&1 </dev/null); fi
    if printf '%s\n' "$got" | grep -qF -e "$wanted"; then
        echo "ok $n - $name"
    else
        failed=1; echo "not ok $n - $name"; printf '%s\n' "$got" | sed 's/^/# /'
    fi
}
ok='ok    gpu-access       this user may open'
refused='fail  gpu-access       this user may not open /dev/dri/renderD128'
says 'root may open the nodes' "$ok" chroot "$tree" /nvbind doctor
says 'a member of the group may' "$ok" chroot --userspec=1000:1000 --groups=105 "$tree" /nvbind doctor
says 'another user may not' "$refused" chroot --userspec=1000:1000 --groups= "$tree" /nvbind doctor
says 'the advice is the exact command' 'fix: sudo usermod -aG render ann, then log in again' \
    chroot --userspec=1000:1000 --groups= "$tree" /nvbind doctor
chown 0:0 "$tree/dev/dri/renderD128"
says 'a node of group root needs another cure' 'fix: sudo chgrp render /dev/dri/renderD128' \
    chroot --userspec=1000:1000 --groups= "$tree" /nvbind doctor
says 'without a display it says so' 'no X11 display: DISPLAY is unset' chroot "$tree" /nvbind doctor
says 'a display that is not there is named' "no X11: DISPLAY names the display server at '/tmp/.X11-unix/X7'" \
    DISPLAY=:7 chroot "$tree" /nvbind info
rm "$tree/dev/kfd"; : >"$tree/dev/kfd"
says 'a plain file is no device node' 'no device node left: yes' sh -c \
    "chroot '$tree' /nvbind info | grep -qx ' *'/dev/dri/renderD128' '/dev/dri/card0 && echo no device node left: yes"
# Whose programs use the GPU: the tree's /proc is the machine's here, and none of it may stay unsaid.
shows() { says "$1" "$2" chroot --userspec=1000:1000 --groups= "$tree" /nvbind info --detailed; }
rm "$tree/dev/dri/card0"; mknod -m 600 "$tree/dev/dri/card0" c 226 0
shows 'a /proc without its first process hides others' 'unseen    programs of others: /proc hides them'
mkdir -m 500 -p "$tree/proc/1/fd" "$tree/proc/2/fd"; chmod 755 "$tree/proc/1" "$tree/proc/2"
echo init >"$tree/proc/1/cmdline"; : >"$tree/proc/2/cmdline"
shows 'programs of others are counted, kernel threads are not' 'unseen    programs of others: 1; root'
shows 'what may be seen is shown' 'process 1201 (kwin_wayland) draws, 80 MiB'
says 'to root nothing is unseen' 'nothing unseen' sh -c \
    "chroot '$tree' /nvbind info --detailed | grep '^unseen' || echo nothing unseen"
rm -r "$tree/proc/1" "$tree/proc/2"
gpu=$(find "$tree/sys/devices" -name 0000:0c:00.0)
chmod 000 "$gpu/mem_info_vram_total" "$tree/proc/self/mountinfo"
says 'unreadable files leave facts unknown' 'driver amdgpu, PCI 0000:0c:00.0' \
    chroot --userspec=1000:1000 --groups= "$tree" /nvbind info
chmod 000 "$tree/sys/bus/pci/devices"
says 'an unreadable directory leaves the render node' 'GPU 0     ' \
    chroot --userspec=1000:1000 --groups= "$tree" /nvbind info
# The numbers of real nodes, against what the module says.
tree=$top/nvidia-uvm-major
for lib in $(ldd "$NVBIND" | grep -o '/[^ ]*'); do
    mkdir -p "$tree$(dirname "$lib")" && cp -L "$lib" "$tree$lib"
done
cp "$NVBIND" "$tree/nvbind"
rm "$tree"/dev/nvidia*
mknod -m 666 "$tree/dev/nvidia0" c 195 0; mknod -m 666 "$tree/dev/nvidiactl" c 195 255
mknod -m 666 "$tree/dev/nvidia-modeset" c 195 254; mknod -m 666 "$tree/dev/nvidia-uvm-tools" c 508 1
mknod -m 666 "$tree/dev/nvidia-uvm" c 511 0
says 'a node that outlived its boot is found out' \
    'fail  nvidia-majors    /dev/nvidia-uvm has the major number 511, its module 508' chroot "$tree" /nvbind doctor
rm "$tree/dev/nvidia-uvm"; mknod -m 666 "$tree/dev/nvidia-uvm" c 508 0
says 'one of the right number is fine' 'ok    nvidia-majors' chroot "$tree" /nvbind doctor
says 'a library without NVML in it is told, not run' 'fail  nvml             Failed to initialize NVML' \
    chroot "$tree" /nvbind doctor
# A program that gained rights when it started must not run a library that its caller names.
asks() { # PROGRAM : what doctor says of NVML, asked by user 1000 with the double in the environment
    setpriv --reuid=1000 --regid=1000 --clear-groups env -i NVBIND_NVML_LIBRARY="$DOUBLE" \
        NVML_DOUBLE="$top/nvidia-debian/nvml" "$1" doctor --root "$top/nvidia-debian" | grep '  nvml  ' || echo "nothing of NVML"
}
cp "$NVBIND" "$top/plain"; cp "$NVBIND" "$top/setuid"; chmod 755 "$top/plain"; chmod 4755 "$top/setuid"
setuid_works=$(cp "$(command -v id)" "$top/id" && chmod 4755 "$top/id" && setpriv --reuid=1000 --regid=1000 --clear-groups "$top/id" -u)
if [ "$setuid_works" = 0 ] && setpriv --reuid=1000 --regid=1000 --clear-groups test -r "$DOUBLE"; then
    says 'a library named in the environment is run for its owner' 'NVML answers for 1 GPU' asks "$top/plain"
    says 'a setuid program does not run it' 'nothing of NVML' asks "$top/setuid"
else
    echo "ok $((n += 1)) - a setuid program runs no library of its caller # SKIP no setuid on this file system"
fi
echo "1..$n"
exit $failed
