# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""two_gpus.py - a machine with an AMD and an Intel GPU, made up in a mount namespace: real nodes (of
the null device's numbers, so that opening one is harmless), groups and modes as a desktop has."""

import os

from harness import Skip

# The script that makes the machine, then becomes the command behind it.
MACHINE = r"""
set -e
mount --make-rprivate /
mount -t tmpfs machine /mnt
add() { # ADDRESS VENDOR DEVICE DRIVER CARD RENDER
    d=/mnt/pci/$1; mkdir -p $d/drm/card$5 $d/drm/renderD$6
    echo 0x$2 >$d/vendor; echo 0x$3 >$d/device; echo 0x030000 >$d/class
    mkdir -p /mnt/drivers/$4; ln -s /mnt/drivers/$4 $d/driver
}
mkdir -p /mnt/pci /mnt/dev/dri /mnt/dev/pts /mnt/dev/shm
add 0000:03:00.0 1002 73bf amdgpu 0 128
add 0000:00:02.0 8086 46a6 i915 1 129
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /mnt/dev/
for n in 0 1; do
    mknod -m 660 /mnt/dev/dri/card$n c 1 3
    mknod -m 660 /mnt/dev/dri/renderD$((128 + n)) c 1 3
done
chgrp 4242 /mnt/dev/dri/*
mount --bind /mnt/pci /sys/bus/pci/devices
mount --bind /mnt/dev /dev
exec "$@"
"""


def machine(caller):
    if os.getuid() != 0:
        raise Skip("needs root to make the machine")
    if os.path.isdir("/dev/dri"):
        raise Skip("this machine has GPUs of its own")
    return ["unshare", "--mount", "sh", "-c", MACHINE, "machine"]
