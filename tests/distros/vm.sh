#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# A Debian that really boots, in qemu, with nvbind's units and rule in it: vm.sh SUITE BUILD-FOLDER
# vm-prove.sh runs in there and writes TAP to the serial line. It takes some minutes: qemu works the instructions
# out itself, unless ACCEL=kvm says that this machine's KVM can be trusted (one inside a virtual machine may hang).
packages=systemd,systemd-sysv,udev,dbus,kmod,libjson-c5,libyaml-0-2,linux-image-amd64
# shellcheck source=tests/distros/distro.sh
. "$(dirname "$0")/distro.sh"

command -v qemu-system-x86_64 >/dev/null || skip "qemu-system-x86_64 is not installed"
command -v mke2fs >/dev/null || skip "mke2fs is not installed"

unit() { # unit NAME : its text is stdin
    cat >"$R/etc/systemd/system/$1"
    inside systemctl --root=/ enable "$1" >/dev/null 2>&1
}

install -m 755 "$here/vm-prove.sh" "$here/vm-gpu.sh" "$R/usr/local/bin/"
unit vm-gpu.service <<'UNIT'
[Unit]
Description=A GPU that is not there
Before=nvbind-cdi-refresh.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/bin/vm-gpu.sh
[Install]
WantedBy=multi-user.target
UNIT
unit docker.service <<'UNIT'
[Unit]
Description=Reads specifications when it starts
[Service]
Type=oneshot
ExecStart=/bin/cp /etc/cdi/amd.json /seen-by-docker.json
[Install]
WantedBy=multi-user.target
UNIT
unit vm-prove.service <<'UNIT'
[Unit]
Description=What must be true
After=multi-user.target nvbind-cdi-refresh.service docker.service
[Service]
Type=oneshot
ExecStart=/usr/local/bin/vm-prove.sh
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=graphical.target multi-user.target
UNIT
inside systemctl --root=/ enable nvbind-cdi-refresh.service >/dev/null 2>&1
inside systemctl --root=/ mask getty@tty1.service serial-getty@ttyS0.service systemd-timesyncd.service apt-daily.timer >/dev/null 2>&1
mkdir -p "$R/etc/cdi"
# Made when the machine had one GPU; it boots with two.
rm "$R/dev/nvidia"*; echo 0x1002 >"$R/sys/devices/pci0000:00/0000:01:00.0/vendor"
ln -sfn ../../../bus/pci/drivers/amdgpu "$R/sys/devices/pci0000:00/0000:01:00.0/driver"
nvbind cdi generate --vendor amd --output /etc/cdi/amd.json || exit 1
for mounted in proc/driver proc sys dev run; do umount "$R/$mounted" || exit 1; done
kernel=$(echo "$R"/boot/vmlinuz-*) initrd=$(echo "$R"/boot/initrd.img-*)
mke2fs -q -t ext4 -d "$R" "$T/disk" 2G >"$T/said" 2>&1 || { cat "$T/said"; exit 1; }

timeout "${LIMIT:-1200}" qemu-system-x86_64 -machine accel="${ACCEL:-tcg}" -cpu max -m 1024 -smp 2 -nodefaults -no-reboot -display none -serial stdio \
    -drive file="$T/disk",if=virtio,format=raw -kernel "$kernel" -initrd "$initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0" </dev/null 2>&1 |
    tr -d '\r' >"$T/serial"
if grep -qE '^1\.\.[0-9]' "$T/serial"; then
    sed -n 's/^\(ok\|not ok\) \(.*\)$/\1 \2/p; /^# /p; /^1\.\.[0-9]/p' "$T/serial"
    ! grep -q '^not ok' "$T/serial"
else
    echo "not ok 1 - it boots ($suite)"; tail -30 "$T/serial" | sed 's/^/# /'; echo 1..1; exit 1
fi
