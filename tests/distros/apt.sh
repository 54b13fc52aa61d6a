#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# The hook for apt under a real apt and dpkg, with a driver's package that is made up: apt.sh SUITE BUILD-FOLDER
# shellcheck source=tests/distros/distro.sh
. "$(dirname "$0")/distro.sh"

spec=/etc/cdi/nvidia.json
libs=/usr/lib/x86_64-linux-gnu
machines=$here/../machines

package() { # package VERSION : the driver's libraries, as empty ELF files, at /VERSION.deb inside
    tree=$T/deb-$1
    mkdir -p "$tree/DEBIAN" "$tree$libs" "$tree/usr/share/glvnd/egl_vendor.d"
    printf 'Package: nvidia-driver-libs\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <nobody@localhost>\n%s\n' \
        "$1" "Description: made up for a test" >"$tree/DEBIAN/control"
    echo "activate-noawait ldconfig" >"$tree/DEBIAN/triggers"
    python3 - "$machines" "$tree$libs" "$1" <<'PY' || exit 1
import os, sys
sys.path.insert(0, sys.argv[1])
import nvidia, elf
for file, soname, needed in nvidia.each_library(sys.argv[3], "x86_64"):
    with open(os.path.join(sys.argv[2], file), "wb") as out:
        out.write(elf.shared_object(soname, needed, "x86_64"))
    if soname != file:
        os.symlink(file, os.path.join(sys.argv[2], soname))
PY
    echo '{"file_format_version":"1.0.0","ICD":{"library_path":"libEGL_nvidia.so.0"}}' \
        >"$tree/usr/share/glvnd/egl_vendor.d/10_nvidia.json"
    dpkg-deb --root-owner-group --build "$tree" "$R/$1.deb" >/dev/null || exit 1
}

apt() { inside apt-get -q -y -o Dpkg::Use-Pty=0 "$@" >"$T/said" 2>&1; }

names() { # names VERSION : the specification has that version's libraries and no other's
    grep -qF "$libs/libcuda.so.$1\"" "$R$spec" || echo "libcuda.so.$1 is not in $spec: $(tail -5 "$T/said")"
    grep -oE 'libcuda\.so\.[0-9.]*[0-9]' "$R$spec" | grep -vF "$1" | grep -v 'so\.1$'
}

command -v dpkg-deb >/dev/null || skip "no dpkg-deb to build a package with"
package 550.163.01
package 570.86.16
install -D -m 644 "$R/usr/local/share/nvbind/hooks/nvbind-cdi-refresh.apt" "$R/etc/apt/apt.conf.d/90nvbind-cdi-refresh"
mkdir -p "$R/etc/cdi"

report "apt takes the hook's file" "$(inside apt-config dump 2>&1 | grep -q 'Post-Invoke.*nvbind cdi refresh' || inside apt-config dump)"
report "apt installs a driver where there is no specification" "$(apt install /550.163.01.deb || cat "$T/said")"
nvbind cdi generate --no-nvml --no-view --output $spec 2>"$T/said"
report "its libraries are described" "$(names 550.163.01)"
cp "$R$spec" "$T/before"

report "apt upgrades it" "$(apt install /570.86.16.deb || cat "$T/said")"
report "the specification names the new version's libraries" "$(names 570.86.16)"
report "apt's output tells of it, once" "$(grep -c "refreshed $spec" "$T/said" | grep -vx 1; grep '^nvbind:.*error' "$T/said")"
report "it is good" "$(nvbind cdi validate $spec 2>&1 | grep -v 'good specification'; nvbind cdi check $spec 2>&1 | grep -v "^good ")"
report "nothing half-written is left" "$(ls -A "$R/etc/cdi" | grep -vx 'nvidia.json\|nvidia.json.nvbind')"

report "apt goes back a version" "$(apt install --allow-downgrades /550.163.01.deb || cat "$T/said")"
report "and so does the specification" "$(names 550.163.01; cmp "$R$spec" "$T/before")"

touch -d '1 hour ago' "$R$spec"
inode=$(stat -c %i "$R$spec")
report "another package leaves it as it is" "$(apt remove --purge zstd || cat "$T/said"
    [ "$(stat -c %i "$R$spec")" = "$inode" ] || echo "it was written again")"

rm "$R/etc/apt/apt.conf.d/90nvbind-cdi-refresh"
apt install /570.86.16.deb
report "without the hook it would be stale" "$(names 550.163.01; nvbind cdi check $spec >"$T/said" 2>&1 && echo it is not)"
inside nvbind cdi refresh --watch >"$T/watch" 2>&1 &
sleep 1
report "the watcher mends what is stale when it starts" "$(names 570.86.16)"
inside dpkg -i /550.163.01.deb >"$T/said" 2>&1
sleep 3
report "and sees what dpkg alone did, without a hook" "$(names 550.163.01; cat "$T/watch" | grep -v ^refreshed)"
kill $! && wait $! 2>/dev/null
install -D -m 644 "$R/usr/local/share/nvbind/hooks/nvbind-cdi-refresh.apt" "$R/etc/apt/apt.conf.d/90nvbind-cdi-refresh"

report "what apt says of a GPU that is gone is no failure of apt's" "$(mv "$R/dev/nvidia0" "$R/dev/gone"
    apt install /570.86.16.deb || cat "$T/said"; mv "$R/dev/gone" "$R/dev/nvidia0")"
report "the specification stays then" "$(cmp "$R$spec" "$T/before")"
report "the driver can be removed" "$(apt remove nvidia-driver-libs || cat "$T/said")"
report "and then only nodes are described" "$(grep -F libcuda "$R$spec"; grep -qF /dev/nvidia0 "$R$spec" || echo no node)"

rm "$R/usr/local/bin/nvbind"
report "apt works where nvbind was removed" "$(apt install /550.163.01.deb || cat "$T/said")"
printf '#!/bin/sh\nkill -SEGV $$\n' >"$R/usr/local/bin/nvbind"
chmod +x "$R/usr/local/bin/nvbind"
report "apt works where nvbind crashes" "$(apt install --reinstall /570.86.16.deb || cat "$T/said")"
finish
