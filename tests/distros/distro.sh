#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# distro.sh - a Debian of its own for one test: sourced by SCRIPT SUITE BUILD-FOLDER, which then goes on
# in namespaces of its own with $R, the root of a fresh Debian with nvbind installed, a GPU by its names alone,
# and the functions below. The Debian is made once, from the network, and kept in .cache/distros.
# shellcheck disable=SC2034 # for the tests
set -u
suite=$1 build=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
packages=${packages:-systemd,udev,libjson-c5,libyaml-0-2,pacman-package-manager,zstd}

skip() { echo "1..0 # SKIP $*"; exit 0; }

make_root() { # prints nothing; leaves $cache/$suite.log when it fails
    mkdir -p "$cache" || return 1
    (
        flock 9
        [ -d "$root" ] && exit 0
        rm -rf --one-file-system "$root.new"
        mmdebstrap --variant=apt --include=$packages "$suite" "$root.new" >"$cache/$suite.log" 2>&1 &&
            mv "$root.new" "$root"
    ) 9>"$cache/$suite.lock"
}

if [ -z "${DISTRO_ROOT:-}" ]; then
    cache=$(realpath "$here/../..")/.cache/distros
    root=$cache/$suite-$(echo "$packages" | cksum | cut -d ' ' -f 1)
    [ "$(id -u)" = 0 ] || skip "mounts and a Debian of its own need root"
    command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
    make_root || skip "no Debian $suite could be made: $(grep '^E:' "$cache/$suite.log" | head -1)"
    T=$(mktemp -d) || exit 1
    DISTRO_ROOT=$root DISTRO_T=$T unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"
    rc=$?
    rmdir "$T" # its mounts went with the namespace
    exit $rc
fi

T=$DISTRO_T R=$DISTRO_T/root
n=0 failed=0
LC_ALL=C DEBIAN_FRONTEND=noninteractive PYTHONDONTWRITEBYTECODE=1
export LC_ALL DEBIAN_FRONTEND PYTHONDONTWRITEBYTECODE

report() { # report NAME OUTPUT : it failed when there is output
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1 ($suite)"
    else failed=1; echo "not ok $n - $1 ($suite)"; printf '%s\n' "$2" | head -40 | sed 's/^/# /'; fi
}

finish() {
    echo "1..$n"
    exit $failed
}

inside() { chroot "$R" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

nvbind() { inside nvbind "$@"; }

mount_root() {
    mount -t tmpfs distro "$T" && mkdir "$T/up" "$T/work" "$R" &&
        mount -t overlay -o "lowerdir=$DISTRO_ROOT,upperdir=$T/up,workdir=$T/work" overlay "$R" &&
        mount -t proc proc "$R/proc" && mount -t tmpfs sys "$R/sys" && mount -t tmpfs run "$R/run" &&
        mount -t tmpfs dev "$R/dev"
}

make_nodes() {
    mkdir "$R/dev/dri" "$R/dev/pts" "$R/dev/shm"
    mknod -m 666 "$R/dev/null" c 1 3
    mknod -m 666 "$R/dev/zero" c 1 5
    mknod -m 666 "$R/dev/urandom" c 1 9
    # Of the null device's numbers: to open one is harmless.
    for node in dri/card0 dri/renderD128 nvidia0 nvidiactl nvidia-uvm nvidia-modeset; do
        mknod -m 666 "$R/dev/$node" c 1 3
    done
}

# As the kernel shows one GPU; udev wants the uevent files.
make_gpu() {
    S=$R/sys device=$R/sys/devices/pci0000:00/0000:01:00.0
    mkdir -p "$S/module/nvidia" "$S/bus/pci/devices" "$S/bus/pci/drivers/nvidia" "$S/class/drm" "$S/dev/char" "$S/kernel"
    echo >"$S/module/nvidia/uevent"
    for name in card0 renderD128; do
        mkdir -p "$device/drm/$name"
        printf 'MAJOR=226\nMINOR=0\nDEVNAME=dri/%s\nDEVTYPE=drm_minor\n' $name >"$device/drm/$name/uevent"
        ln -s ../../../../../class/drm "$device/drm/$name/subsystem"
    done
    mkdir "$device/drm/card0-DP-1"
    echo DEVTYPE=drm_connector >"$device/drm/card0-DP-1/uevent"
    ln -s ../../../../../class/drm "$device/drm/card0-DP-1/subsystem"
    printf 'DRIVER=nvidia\nPCI_CLASS=30000\n' >"$device/uevent"
    echo 0x030000 >"$device/class"; echo 0x10de >"$device/vendor"; echo 0x2786 >"$device/device"
    ln -s ../../../bus/pci "$device/subsystem"
    ln -s ../../../bus/pci/drivers/nvidia "$device/driver"
    ln -s ../../../devices/pci0000:00/0000:01:00.0 "$S/bus/pci/devices/0000:01:00.0"
}

load_driver() { # load_driver VERSION : what the module says in /proc
    mkdir -p "$T/driver/nvidia/gpus/0000:01:00.0"
    echo "NVRM version: NVIDIA UNIX x86_64 Kernel Module  $1  Tue Apr  8 2025" >"$T/driver/nvidia/version"
    printf 'Model: \t\t RTX 4070\nGPU UUID: \t GPU-0\nDevice Minor: \t 0\n' >"$T/driver/nvidia/gpus/0000:01:00.0/information"
    mountpoint -q "$R/proc/driver" || mount --bind "$T/driver" "$R/proc/driver"
}

mount_root || skip "no root of overlayfs can be mounted here"
make_nodes
make_gpu
load_driver 550.163.01
DESTDIR=$R meson install --no-rebuild --quiet -C "$build" || exit 1
inside nvbind --version >/dev/null 2>"$T/why" || skip "nvbind as built here does not run in $suite: $(head -1 "$T/why")"
