#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# run.sh BUILD - nvbind's search against NVIDIA's real driver, as Debian's non-free packages have it.
# They are fetched into REAL_DRIVER_CACHE (default: a folder that goes away), unpacked, never
# installed, and no part of this project. Needs some 350 MB of downloads, root for the loader's part.
set -u
build=$(realpath "${1:?usage: run.sh BUILD}")
here=$(cd "$(dirname "$0")" && pwd)
LC_ALL=C; export LC_ALL
skip() { echo "1..0 # SKIP $*"; exit 0; }

top=$(mktemp -d); trap 'rm -rf "$top"' EXIT
cache=${REAL_DRIVER_CACHE:-$top/cache}
root=$top/root
common="libcuda1 libegl-nvidia0 libgl1-nvidia-glvnd-glx libgles-nvidia1 libgles-nvidia2 libglx-nvidia0
    libnvcuvid1 libnvidia-allocator1 libnvidia-eglcore libnvidia-encode1 libnvidia-fbc1 libnvidia-glcore
    libnvidia-glvkspirv libnvidia-ml1 libnvidia-nvvm4 libnvidia-opticalflow1 libnvidia-ptxjitcompiler1
    nvidia-egl-icd nvidia-opencl-icd nvidia-vdpau-driver nvidia-vulkan-icd libnvidia-egl-wayland1
    libnvidia-egl-gbm1"
wide="firmware-nvidia-gsp libcudadebugger1 libnvidia-api1 libnvidia-cfg1 libnvidia-ngx1
    libnvidia-pkcs11-openssl3 libnvidia-rtcore libnvoptix1 nvidia-alternative nvidia-cuda-mps
    nvidia-driver nvidia-driver-bin nvidia-egl-common nvidia-modprobe nvidia-opencl-common
    nvidia-persistenced nvidia-settings nvidia-smi nvidia-vulkan-common xserver-xorg-video-nvidia"

# An apt of our own beside the machine's: its mirror and keys, but with non-free and i386.
fetch() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || skip "no apt here"
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
        awk '$3 == "main" && $2 == "bookworm" { print $1; exit }')
    [ -n "$mirror" ] || skip "this machine's apt knows no mirror of Debian 12"
    mkdir -p "$cache/lists/partial" "$cache/archives/partial" "$cache/debs"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bookworm main contrib non-free non-free-firmware" \
        >"$cache/sources.list"
    cat >"$cache/apt.conf" <<EOF
Dir::Etc::SourceList "$cache/sources.list";
Dir::Etc::SourceParts "-";
Dir::State::Lists "$cache/lists";
Dir::Cache "$cache";
APT::Architectures { "amd64"; "i386"; };
APT::Sandbox::User "root";
EOF
    APT_CONFIG=$cache/apt.conf; export APT_CONFIG
    apt-get -qq update >"$cache/log" 2>&1 || skip "the package lists cannot be fetched"
    list=""
    for p in $common; do list="$list $p:amd64 $p:i386"; done
    for p in $wide; do list="$list $p:amd64"; done
    # shellcheck disable=SC2086
    (cd "$cache/debs" && apt-get -qq download $list >>"$cache/log" 2>&1) || skip "the packages cannot be fetched"
    touch "$cache/complete"
}

# What nvidia-alternative's postinst makes: sonames in the library directories, by way of /etc.
link_alternative() { # LINK TARGET
    name=nvidia--$(echo "$1" | tr / -)
    mkdir -p "$root/etc/alternatives" "$(dirname "$root$1")"
    ln -sf "$2" "$root/etc/alternatives/$name"
    ln -sf "/etc/alternatives/$name" "$root$1"
}

alternatives() {
    for triplet in x86_64-linux-gnu i386-linux-gnu; do
        for path in "$root/usr/lib/$triplet/nvidia/current"/*.so.[0-9]; do
            link_alternative "/usr/lib/$triplet/$(basename "$path")" "/usr/lib/$triplet/nvidia/current/$(basename "$path")"
        done
    done
    for name in nvidia-smi nvidia-debugdump nvidia-settings; do
        link_alternative "/usr/bin/$name" "/usr/lib/nvidia/current/$name"
    done
    link_alternative /usr/share/nvidia/nvoptix.bin /usr/lib/x86_64-linux-gnu/nvidia/current/nvoptix.bin
    link_alternative /usr/lib/nvidia/nvidia_drv.so /usr/lib/nvidia/current/nvidia_drv.so
    link_alternative /etc/nvidia/nvidia-drm-outputclass.conf /etc/nvidia/current/nvidia-drm-outputclass.conf
}

[ -e "$cache/complete" ] || fetch
mkdir -p "$root"
for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$root" || skip "$deb cannot be unpacked"; done
ninja -C "$build" tests/real-driver/real_driver_probe >"$top/ninja.log" 2>&1 || { cat "$top/ninja.log"; exit 1; }
probe=$build/tests/real-driver/real_driver_probe
ask() { # NAME
    "$probe" files "$root" >"$top/$1.json" || exit 1
    if [ "$(id -u)" = 0 ]; then
        "$probe" load "$root" >"$top/$1.txt" || exit 1
    else
        echo "SKIP only root may put a cache over /etc/ld.so.cache" >"$top/$1.txt"
    fi
    echo "# $1: $("$probe" time "$root")"
}
ask unpacked
alternatives
ask alternatives
python3 "$here/compare.py" unpacked "$top/unpacked.json" "$top/unpacked.txt" \
    alternatives "$top/alternatives.json" "$top/alternatives.txt"
