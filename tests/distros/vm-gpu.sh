#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# vm-gpu.sh - in the virtual machine, at boot: two AMD GPUs by their names alone. The nodes have the null device's numbers.
set -e
mkdir -p /run/gpu/drivers/amdgpu /dev/dri
mount -t tmpfs pci /mnt
add() { # ADDRESS NUMBER
    d=/mnt/$1
    mkdir -p "$d/drm/card$2" "$d/drm/renderD$((128 + $2))"
    echo 0x1002 >"$d/vendor"; echo 0x73bf >"$d/device"; echo 0x030000 >"$d/class"
    ln -s /run/gpu/drivers/amdgpu "$d/driver"
    for node in card$2 renderD$((128 + $2)); do mknod -m 666 /dev/dri/"$node" c 1 3; done
}
add 0000:01:00.0 0
add 0000:02:00.0 1
mount --bind /mnt /sys/bus/pci/devices
