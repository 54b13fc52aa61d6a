#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# tools/install-deps on machines that do not exist: PATH holds only fake package programs and
# the few real ones the script needs. Each fake writes what it was asked to $T/calls.
# shellcheck disable=SC2016 # the fakes expand their own variables
set -u
script=$(realpath "$(dirname "$0")/../../tools/install-deps")
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
n=0; failed=0

fake() { # fake NAME BODY
    printf '#!/bin/sh\n%s\n' "$2" >"$T/bin/$1"; chmod +x "$T/bin/$1"
}

machine() { # machine apt|pacman|none USER-ID
    rm -rf "${T:?}/bin"; mkdir "$T/bin"
    for tool in sh tr sort sed grep rm mktemp tail env cat; do ln -s "$(command -v $tool)" "$T/bin/$tool"; done
    fake id "echo $2"
    fake uname 'echo x86_64'
    case $1 in
    apt)
        fake dpkg-query 'shift 3; for p; do case " $ABSENT " in *" $p "*) ;; *) echo "installed $p" ;; esac; done'
        fake apt-get 'echo "apt-get $*" >>"$T/calls"; case "$*" in *update*) exit ${UPDATE_RC:-0} ;; esac
            echo "E: broken"; exit ${INSTALL_RC:-0}' ;;
    pacman)
        fake pacman 'case $1 in -T) shift; for p; do case " $ABSENT " in *" $p "*) echo "$p" ;; esac; done ;;
            *) echo "pacman $*" >>"$T/calls"; exit ${INSTALL_RC:-0} ;; esac' ;;
    esac
}

go() { # go ARGUMENT... : sets out, rc, calls
    : >"$T/calls"
    out=$(env -i PATH="$T/bin" T="$T" ABSENT="${ABSENT:-}" UPDATE_RC="${UPDATE_RC:-0}" \
        INSTALL_RC="${INSTALL_RC:-0}" SUDO_RC="${SUDO_RC:-0}" "$T/bin/sh" "$script" "$@" 2>&1 </dev/null)
    rc=$?; calls=$(cat "$T/calls")
}

with_sudo() {
    fake sudo 'echo "sudo $*" >>"$T/calls"; [ "$SUDO_RC" = 0 ] || exit 1; [ "$1" = -n ] && shift; exec "$@"'
    fake true 'exit 0'
}

check() { # check NAME RC [TEXT-IN-OUTPUT [TEXT-IN-CALLS]]
    n=$((n + 1)); verdict=ok
    [ "$rc" = "$2" ] || verdict="not ok"
    case $out in *"${3:-}"*) ;; *) verdict="not ok" ;; esac
    case $calls in *"${4:-}"*) ;; *) verdict="not ok" ;; esac
    echo "$verdict $n - $1"
    [ "$verdict" = ok ] && return
    failed=1; printf 'status %s\n%s\ncalls:\n%s\n' "$rc" "$out" "$calls" | sed 's/^/# /'
}

check_quiet() { # nothing asked of the package manager
    check "$@"
    n=$((n + 1))
    if [ -z "$calls" ]; then echo "ok $n - $1: no package program was called"
    else failed=1; echo "not ok $n - $1: called $calls"; fi
}

machine apt 0
go; check_quiet "apt, all there" 0
ABSENT="meson xvfb" go build
check "apt as root installs what is missing, after an update" 0 "installing with apt: meson" \
    "apt-get -q -o Acquire::Retries=3 update
apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 install --no-install-recommends meson"
ABSENT="meson xvfb" go build demo; check "apt takes the groups named" 0 "apt: meson xvfb"
ABSENT="gcc" go demo; check_quiet "a group's own packages only" 0
ABSENT="gcc-multilib" go check; check "32-bit compiler on x86_64" 0 "gcc-multilib"
fake uname 'echo aarch64'
ABSENT="gcc-multilib" go check; check_quiet "no 32-bit compiler elsewhere" 0
ABSENT="meson" UPDATE_RC=100 go build; check "a failing mirror is told" 1 "apt-get update failed: is there a network"
ABSENT="meson" INSTALL_RC=100 go build; check "a failing install shows apt's words" 1 "E: broken"
ABSENT="meson" INSTALL_RC=100 go build; check "a failing install names the packages" 1 "could not install: meson"
ABSENT="libglib2.0-dev libsqlite3-dev" go build; check_quiet "nvbind alone needs no GLib" 0
ABSENT="libglib2.0-dev libsqlite3-dev" go build ghostforge
check "GhostForge needs GLib and SQLite" 0 "installing with apt: libglib2.0-dev libsqlite3-dev"
go nonsense; check_quiet "an unknown group is refused" 1 "usage:"
go -l demo; check_quiet "-l lists" 0 "vulkan-tools"

machine apt 1000
ABSENT="meson" go build
check_quiet "an ordinary user without sudo is told the command" 1 \
    "apt-get update && apt-get install --no-install-recommends meson"
go build; check_quiet "an ordinary user needs nothing when all is there" 0
with_sudo
ABSENT="meson" go build; check "sudo without a password is used" 0 "" "sudo -n env DEBIAN_FRONTEND=noninteractive apt-get"
ABSENT="meson" SUDO_RC=1 go build; check "sudo that asks is not used without a terminal" 1 "run this as root"

machine pacman 0
go; check_quiet "pacman, all there" 0
ABSENT="meson vulkan-swrast" go
check "pacman as root installs what is missing" 0 "installing with pacman: meson vulkan-swrast" \
    "pacman -S --needed --noconfirm meson vulkan-swrast"
ABSENT="glib2 sqlite" go ghostforge; check "pacman knows GhostForge's packages by its own names" 0 "with pacman: glib2 sqlite"
ABSENT="meson" INSTALL_RC=1 go build; check "pacman's failure names the remedy" 1 "pacman -Syu"
machine pacman 1000
ABSENT="meson" go build; check_quiet "pacman without root is told the command" 1 "pacman -S --needed meson"
with_sudo
ABSENT="meson" go build; check "pacman through sudo" 0 "" "sudo -n pacman -S --needed --noconfirm meson"

machine none 0
go build; check_quiet "an unknown distribution is told the tools" 1 "neither Debian (apt) nor Arch (pacman); please install: gcc,"
for tool in gcc make meson ninja python3 pkg-config; do fake $tool 'exit 0'; done
go build; check_quiet "an unknown distribution with all tools passes" 0
fake pkg-config 'case $2 in sqlite3) exit 1 ;; esac'
go build ghostforge; check_quiet "a missing module of GhostForge is named" 1 "please install: sqlite3 (development files)"
fake pkg-config 'case $2 in libseccomp) exit 1 ;; esac'
go build; check_quiet "a missing module is named" 1 "please install: libseccomp (development files)"

left=$(ls -A "$T")
n=$((n + 1))
if [ "$(printf '%s' "$left" | tr '\n' ' ')" = "bin calls" ]; then echo "ok $n - nothing is left behind"
else failed=1; echo "not ok $n - left: $left"; fi
echo "1..$n"
exit $failed
