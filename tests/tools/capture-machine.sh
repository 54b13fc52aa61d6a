#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# tools/capture-machine.sh on made-up machines: nvbind answers for the packed machine what it
# answers for the machine itself, and nothing in the pack tells whose it is.
set -u
here=$(realpath "$(dirname "$0")")
nvbind=$(realpath "$1"); capture=$here/../../tools/capture-machine.sh
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
LC_ALL=C PYTHONDONTWRITEBYTECODE=1; export LC_ALL PYTHONDONTWRITEBYTECODE
unset NVBIND_NVML NVBIND_NVML_LIBRARY
python3 "$here/../machines/make.py" "$T/made" || exit 1
n=0; failed=0

report() { # report NAME OUTPUT : it failed when there is output
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"
    else failed=1; echo "not ok $n - $1"; printf '%s\n' "$2" | head -40 | sed 's/^/# /'; fi
}

pack() { # pack MACHINE : unpacks to $T/packed/MACHINE; sets out and rc
    rm -rf "$T/packed/$1"; mkdir -p "$T/packed/$1"
    out=$("$capture" --root "$T/made/$1" "$T/$1.tar.gz" 2>&1); rc=$?
    [ $rc = 0 ] && tar -C "$T/packed/$1" --strip-components=1 -xzf "$T/$1.tar.gz"
}

# What two machines are told apart by may differ: UUIDs, and which programs run.
answers() { # answers DIR
    "$nvbind" info --root "$1" 2>&1
    "$nvbind" info --detailed --root "$1" 2>&1 |
        sed -E -e 's/(GPU|MIG)-[0-9a-f-]{36}/\1-x/' -e 's/process [0-9]+ \([^)]*\)/process/'
    "$nvbind" doctor --root "$1" 2>&1
}

for machine in nvidia-debian nvidia-arch nvidia-fedora nvidia-nixos nvidia-eight nvidia-mig-unasked nvidia-uvm-major \
    hybrid-laptop amd amd-apu intel-i915 intel-xe nouveau virtio wsl2 no-gpu cgroup-hybrid nvidia-updated; do
    pack $machine
    answers "$T/made/$machine" >"$T/before"; answers "$T/packed/$machine" >"$T/after"
    report "$machine answers the same when it is packed" \
        "$([ $rc = 0 ] || echo "$out"; diff "$T/before" "$T/after")"
done

# Everything by which a person or a machine is known, in every place where it is found.
m=$T/made/nvidia-debian
uuid=6b1f0e7c-0000-4000-8000-000000000000
mkdir -p "$m/etc" "$m/sys/class/dmi/id" "$m/sys/class/net/eth0" "$m/proc/sys/kernel"
echo secrethost >"$m/etc/hostname"; echo secrethost >"$m/proc/sys/kernel/hostname"
echo 0123456789abcdef0123456789abcdef >"$m/etc/machine-id"
echo 52:54:00:ab:cd:ef >"$m/sys/class/net/eth0/address"
echo SERIAL-4711 >"$m/sys/class/dmi/id/product_serial"
echo 'anna:x:1000:1000:Anna Secretperson,,,:/home/anna:/bin/sh' >"$m/etc/passwd"
printf 'video:x:44:anna\nrender:x:105:\nanna:x:1000:\n' >"$m/etc/group"
echo 0xdeadbeefcafe >"$m/sys/devices/pci0000:00/0000:01:00.0/unique_id"
printf 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.163.01  Release Build  (anna@secrethost)\n' \
    >"$m/proc/driver/nvidia/version"
printf 'Uid:\t1234\t1234\t1234\t1234\nGid:\t1234\t1234\t1234\t1234\nGroups:\t44 105 1234 \n' >"$m/proc/self/status"
echo '44 1 0:30 / /home/anna/secrethost rw - nfs4 secrethost:/anna rw' >>"$m/proc/self/mountinfo"
echo '0::/user.slice/user-1000.slice/app-secrethost-anna.scope' >"$m/proc/self/cgroup"
echo '{"ICD":{"library_path":"/home/anna/lib/libGLX_nvidia.so.0"}}' >"$m/usr/share/vulkan/icd.d/own.json"
echo 'c 195:0 0660 1234:1234' >"$m/dev/nvidia0"
mkdir -p "$m/home/anna"; echo private >"$m/home/anna/diary"
pack nvidia-debian
report "a machine full of names is packed" "$([ $rc = 0 ] || echo "$out")"
report "nothing in the pack tells whose it is" "$(cd "$T/packed/nvidia-debian" &&
    { grep -r -i -E "secret|anna|4711|52:54:00|deadbeef|0123456789abcdef|$uuid|1234|private" . ; find . | grep -i -E 'secret|anna|home'; })"
report "the GPU still has a UUID of the right form" "$(grep -q 'GPU-00000000-0000-4000-8000-000000000000' \
    "$T/packed/nvidia-debian/proc/driver/nvidia/gpus/0000:01:00.0/information" || echo none)"
report "eight GPUs have eight UUIDs" "$(count=$(cat "$T"/packed/nvidia-eight/proc/driver/nvidia/gpus/*/information |
    grep UUID | sort -u | wc -l); [ "$count" = 8 ] || echo "$count")"
report "of a library only its head is taken" "$(find "$T/packed/nvidia-debian" -name '*.so*' -type f -size +20c)"

# Programs are nobody's business: not their names, their numbers, nor what they call themselves.
g=$T/made/amd
echo 'secretgame.exe' >"$g/proc/3000/comm"
rm "$g/proc/1201/fd/11"; ln -s /home/anna/chroot/dev/dri/card0 "$g/proc/1201/fd/11"
echo 987654321 >"$g/sys/devices/pci0000:00/0000:00:01.1/0000:0a:00.0/0000:0b:00.0/0000:0c:00.0/unique_id"
pack amd
report "programs are packed without their names" "$([ $rc = 0 ] || echo "$out"; cd "$T/packed/amd" &&
    { grep -r -i -E 'secret|anna|kwin|private|987654321|12345678901234567' . ; find . | grep -E '/(612|1201|3000|5150)(/|$)'; })"
report "and still with what they have of the GPU" "$("$nvbind" info --detailed --root "$T/packed/amd" |
    grep -q 'process 1005 (program) computes, 5120 MiB' || ls "$T/packed/amd/proc")"
report "a sleeping GPU is not asked" "$(find "$T/packed/hybrid-laptop/proc" -lname '*/card0')"

# The last line of defence: a name in a place that is not cleaned.
echo 'PRETTY_NAME="The system of secrethost"' >>"$m/etc/os-release"
pack nvidia-debian
report "a name that is left over keeps the pack from being made" "$([ $rc = 1 ] &&
    printf '%s' "$out" | grep -q './etc/os-release' || echo "$rc: $out")"
rm -f "$T/nvidia-debian.tar.gz"; pack nvidia-debian
report "and then there is no file" "$(ls "$T/nvidia-debian.tar.gz" 2>/dev/null)"

if command -v readelf >/dev/null; then
    python3 "$here/../machines/elf.py" --rebuild "$T/packed/nvidia-fedora"
    report "the libraries can be built again from the list" "$(cd "$T" && for lib in usr/lib64/libcuda.so.565.77 \
        usr/lib/libGLX_nvidia.so.565.77; do cmp "made/nvidia-fedora/$lib" "packed/nvidia-fedora/$lib"; done 2>&1)"
    echo "/../../out x86_64 -" >"$T/packed/nvidia-arch/libraries.txt"
    report "a list that leads out of the machine is refused" "$(python3 "$here/../machines/elf.py" --rebuild \
        "$T/packed/nvidia-arch" 2>/dev/null && echo accepted; [ ! -e "$T/out" ] || echo written)"
fi
out=$("$capture" 2>&1); report "without a file it tells how it is used" "$([ $? = 2 ] || echo "$out")"
out=$("$capture" --root "$T/none" x.tar.gz 2>&1); report "a root that is not there is an error" "$([ $? = 1 ] || echo "$out")"
echo "1..$n"
exit $failed
