#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# The hook for pacman under a real libalpm, with a driver's package that is made up: pacman.sh SUITE BUILD-FOLDER
# It is Debian's pacman, in a Debian: no Arch can be made here, and its directories of libraries are the same
# to the hook.
# shellcheck source=tests/distros/distro.sh
. "$(dirname "$0")/distro.sh"

spec=/etc/cdi/nvidia.json
libs=/usr/lib

package() { # package VERSION [NAME] : as makepkg would leave it, at /NAME-VERSION.pkg.tar.zst inside
    name=${2:-nvidia-utils} tree=$T/pkg-${2:-}$1
    mkdir -p "$tree$libs"
    printf 'pkgname = %s\npkgbase = %s\npkgver = %s-1\npkgdesc = made up for a test\nbuilddate = 1700000000\n%s\n' \
        "$name" "$name" "$1" "packager = nobody
size = 1
arch = x86_64" >"$tree/.PKGINFO"
    if [ "$name" = nvidia-utils ]; then
        python3 - "$here/../machines" "$tree$libs" "$1" <<'PY' || exit 1
import os, sys
sys.path.insert(0, sys.argv[1])
import nvidia, elf
for file, soname, needed in nvidia.each_library(sys.argv[3], "x86_64"):
    with open(os.path.join(sys.argv[2], file), "wb") as out:
        out.write(elf.shared_object(soname, needed, "x86_64"))
    if soname != file:
        os.symlink(file, os.path.join(sys.argv[2], soname))
PY
    else
        echo text >"$tree$libs/$name.txt"
    fi
    tar -C "$tree" --owner 0 --group 0 --numeric-owner --zstd -cf "$R/$name-$1.pkg.tar.zst" .PKGINFO usr
}

pacman() { inside pacman --noconfirm --noprogressbar "$@" >"$T/said" 2>&1; }

names() { # names VERSION
    grep -qF "$libs/libcuda.so.$1\"" "$R$spec" || echo "libcuda.so.$1 is not in $spec: $(tail -5 "$T/said")"
    grep -oE 'libcuda\.so\.[0-9.]*[0-9]' "$R$spec" | grep -vF "$1" | grep -v 'so\.1$'
}

command -v zstd >/dev/null || skip "no zstd to build a package with"
package 550.163.01
package 570.86.16
package 1 other
printf '[options]\nArchitecture = x86_64\nSigLevel = Never\nLocalFileSigLevel = Never\n' >"$R/etc/pacman.conf"
install -D -m 644 "$R/usr/local/share/nvbind/hooks/nvbind-cdi-refresh.hook" "$R/usr/share/libalpm/hooks/nvbind-cdi-refresh.hook"
mkdir -p "$R/etc/cdi" "$R/var/lib/pacman"
told="Refreshing CDI specifications of GPUs"

report "pacman installs a driver and runs the hook" "$(pacman -U /nvidia-utils-550.163.01.pkg.tar.zst || cat "$T/said"
    grep -q "$told" "$T/said" || cat "$T/said")"
nvbind cdi generate --no-nvml --no-view --output $spec 2>"$T/said"
report "its libraries are described" "$(names 550.163.01)"
cp "$R$spec" "$T/before"
report "pacman upgrades it" "$(pacman -U /nvidia-utils-570.86.16.pkg.tar.zst || cat "$T/said")"
report "the specification names the new version's libraries" "$(names 570.86.16)"
report "pacman's output tells of it, once" "$(grep -c "refreshed $spec" "$T/said" | grep -vx 1; grep '^error' "$T/said")"
report "pacman goes back a version, and so does the specification" "$(pacman -U /nvidia-utils-550.163.01.pkg.tar.zst || cat "$T/said"
    names 550.163.01; cmp "$R$spec" "$T/before")"
report "another package does not run the hook" "$(pacman -U /other-1.pkg.tar.zst || cat "$T/said"; grep "$told" "$T/said")"
mv "$R/dev/nvidia0" "$R/dev/gone"
report "where it cannot be made anew the specification stays and the transaction is done" \
    "$(pacman -U /nvidia-utils-570.86.16.pkg.tar.zst || cat "$T/said"; cmp "$R$spec" "$T/before")"
mv "$R/dev/gone" "$R/dev/nvidia0"
report "the driver can be removed, and then only nodes are described" "$(pacman -R nvidia-utils || cat "$T/said"
    grep -F libcuda "$R$spec"; grep -qF /dev/nvidia0 "$R$spec" || echo no node)"
finish
