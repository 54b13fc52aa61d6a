#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# What is installed for systemd and udev, judged by a distribution's own: units.sh SUITE BUILD-FOLDER
# shellcheck source=tests/distros/distro.sh
. "$(dirname "$0")/distro.sh"

once=nvbind-cdi-refresh-once.service
units="nvbind-cdi-refresh.service $once"
rules=/usr/local/lib/udev/rules.d/90-nvbind-cdi-refresh.rules
gpu=/devices/pci0000:00/0000:01:00.0

# shellcheck disable=SC2086
report "systemd finds no fault in the units" "$(inside systemd-analyze verify $units 2>&1)"
sed 's/^Type=notify/Type=notified/' "$R/usr/local/lib/systemd/system/nvbind-cdi-refresh.service" >"$R/etc/systemd/system/broken.service"
report "and would find one" "$(inside systemd-analyze verify broken.service 2>&1 | grep -q notified || echo it did not)"
report "the service can be enabled" "$(inside systemctl --root=/ enable nvbind-cdi-refresh.service >"$T/said" 2>&1
    [ -L "$R/etc/systemd/system/multi-user.target.wants/nvbind-cdi-refresh.service" ] || cat "$T/said")"

if inside udevadm verify --help >/dev/null 2>&1; then
    report "udev finds no fault in the rules" "$(inside udevadm verify $rules >"$T/said" 2>&1 || cat "$T/said")"
else
    n=$((n + 1)); echo "ok $n - udev finds no fault in the rules ($suite) # SKIP its udevadm has no verify"
fi

# What udev would do for an event of a device in /sys.
does() { # does ACTION DEVICE
    inside env SYSTEMD_DEVICE_VERIFY_SYSFS=0 udevadm test --action="$1" "/sys$2" >"$T/said" 2>&1
    grep -q "^ *ACTION=$1" "$T/said" || echo "udev did not look"
    # "run: '...'" until systemd 255, then "RUN{program} : ..."
    grep -io "SYSTEMD_WANTS=$once\|run[:{].*systemctl.*$once" "$T/said" | head -1
}

expect() { # expect NAME PATTERN ACTION DEVICE
    name=$1 pattern=$2; shift 2
    got=$(does "$@")
    # shellcheck disable=SC2254
    case $got in $pattern) got= ;; *) got="got '$got': $(tail -20 "$T/said")" ;; esac
    report "$name" "$got"
}

expect "the module's arrival wants a refresh" "SYSTEMD_WANTS=*" add /module/nvidia
mkdir -p "$R/sys/module/usbhid" && echo >"$R/sys/module/usbhid/uevent"
expect "another module's does not" "" add /module/usbhid
expect "a card's arrival wants a refresh" "SYSTEMD_WANTS=*" add $gpu/drm/card0
expect "a monitor's does not" "" add $gpu/drm/card0-DP-1
rm -rf "$R/run/udev" # what it kept of the card
expect "without systemd a node that goes starts nothing" "" remove $gpu/drm/renderD128
expect "and neither does a change of drivers" "" unbind $gpu
mkdir -p "$R/run/systemd/system"
expect "with it the node does" "*systemctl*" remove $gpu/drm/renderD128
expect "and so does the change" "*systemctl*" unbind $gpu
expect "and a driver that takes a GPU" "*systemctl*" bind $gpu
echo 0x040300 >"$R/sys$gpu/class"
expect "but not the sound beside it" "" bind $gpu
finish
