#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# vm-prove.sh - in the virtual machine, when it is up: what the units and the rule do under a systemd that is
# process 1 and a udev that hears a real kernel. TAP on stdout.
spec=/etc/cdi/amd.json
watcher=nvbind-cdi-refresh.service once=nvbind-cdi-refresh-once.service
n=0

report() { # report NAME OUTPUT : it failed when there is output
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"
    else echo "not ok $n - $1"; printf '%s\n' "$2" | head -30 | sed 's/^/# /'; fi
}

within() { # within SECONDS COMMAND... : nothing once it is true
    left=$(($1 * 10)); shift
    while ! "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        [ $left -gt 0 ] || { echo "never: $*"; journalctl -b --no-pager -n 15 -u $watcher -u $once; return; }
        sleep 0.1
    done
}

has() { grep -qF "$1" $spec; }
has_not() { ! grep -qF "$1" $spec; }
show() { systemctl show --value -p "$1" "$2"; }
ran_since() { [ "$(show ExecMainStartTimestampMonotonic $once)" -gt "$1" ] && [ "$(show ActiveState $once)" = inactive ]; }
now_us() { awk '{ printf "%d\n", $1 * 1000000 }' /proc/uptime; }

echo "# $(uname -r), systemd $(systemctl --version | head -1 | cut -d ' ' -f 2), $(systemd-detect-virt)"
report "the service runs" "$(systemctl is-active -q $watcher || systemctl status --no-pager $watcher)"
report "a second GPU was taken up at boot" "$(has renderD129 || cat $spec)"
report "and before docker started" "$(grep -qF renderD129 /seen-by-docker.json || cat /seen-by-docker.json)"
report "both directories are there" "$(for d in /etc/cdi /run/cdi; do [ -d $d ] || echo $d; done)"

mkdir -p /mnt/0000:03:00.0/drm/renderD130 && echo 0x1002 >/mnt/0000:03:00.0/vendor && echo 0x73bf >/mnt/0000:03:00.0/device
echo 0x030000 >/mnt/0000:03:00.0/class; ln -s /run/gpu/drivers/amdgpu /mnt/0000:03:00.0/driver
mknod /dev/dri/renderD130 c 1 3
report "a node that comes late is taken up" "$(within 10 has renderD130)"
nvbind cdi generate --vendor amd --output /run/cdi/copy.json; sleep 2; rm -r /run/cdi
report "a removed /run/cdi comes back" "$(within 10 test -s /run/cdi/copy.json)"
rm -f /run/cdi/copy.json /run/cdi/copy.json.nvbind; sleep 3

before=$(show CPUUsageNSec $watcher); sleep 10
spent=$((($(show CPUUsageNSec $watcher) - before) / 1000000))
echo "# $spent ms of CPU in 10 idle seconds"
report "it is idle when nothing happens" "$([ $spent -le 30 ] || echo $spent ms)"

kill -KILL "$(show MainPID $watcher)"
report "it is started again when it was killed" "$(sleep 1; within 20 systemctl is-active -q $watcher)"
begin=$(now_us); systemctl stop $watcher; took=$((($(now_us) - begin) / 1000))
report "it stops at once and well" "$([ $took -lt 2000 ] || echo $took ms; show Result $watcher | grep -vx success)"

# Without it: the rule.
rm /dev/dri/renderD130; since=$(now_us)
modprobe amdgpu
report "a module's arrival starts the refresh" "$(within 30 ran_since "$since")"
report "which mends" "$(within 5 has_not renderD130; show Result $once | grep -vx success)"
mknod /dev/dri/renderD130 c 1 3; since=$(now_us)
modprobe vgem
report "a node's arrival does, too" "$(within 30 ran_since "$since"; within 5 has renderD130)"
rm /dev/dri/renderD130; since=$(now_us)
rmmod vgem
report "and its end" "$(within 30 ran_since "$since"; within 5 has_not renderD130)"

systemctl start $watcher; sleep 1; since=$(now_us)
modprobe vgem
report "where the service runs it does the work, not the rule's unit" "$(within 30 sh -c \
    "journalctl -b -u $once --no-pager | tail -3 | grep -qi 'skipped\|condition'"; systemctl is-failed -q $once && echo it failed)"
systemctl stop $watcher; rm -rf /etc/cdi; systemctl start $watcher
report "a missing /etc/cdi is made" "$([ -d /etc/cdi ] || echo none)"
report "nothing of ours failed" "$(systemctl --failed --no-legend | grep nvbind)"
echo "1..$n"
