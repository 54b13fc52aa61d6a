#!/bin/bash
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# The shells themselves judge the completion scripts; bash also completes with its own.
set -u
NVBIND=$(realpath "$1")
EVERY_KIND=$(realpath "$2") # a command with an option of every kind
top=$(mktemp -d); trap 'rm -rf "$top"' EXIT
n=0; failed=0
tell() { # OK NAME
    n=$((n + 1))
    if [ "$1" = yes ]; then echo "ok $n - $2"; else failed=1; echo "not ok $n - $2"; fi
}
accepts() { # SHELL SCRIPT WHOSE
    if ! command -v "$1" >/dev/null; then
        n=$((n + 1)); echo "ok $n - $1 accepts the script of $3 # SKIP $1 is not installed"
    elif "$1" -n "$2"; then
        tell yes "$1 accepts the script of $3"
    else
        tell no "$1 accepts the script of $3"
    fi
}
for shell in bash zsh fish; do
    "$NVBIND" completions $shell >"$top/$shell" || failed=1
    "$EVERY_KIND" $shell >"$top/every.$shell" || failed=1
    accepts $shell "$top/$shell" nvbind
    accepts $shell "$top/every.$shell" "every kind"
done
# shellcheck disable=SC1091
. "$top/bash"
completes() { # WANTED WORD... ; the last word is being typed
    local wanted=$1; shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _nvbind 2>/dev/null
    [ "${COMPREPLY[*]}" = "$wanted" ] && tell yes "'$*' gives '$wanted'" && return
    tell no "'$*' gives '$wanted'"; echo "# got '${COMPREPLY[*]}'"
}
mkdir -p "$top/a machine"
completes info nvbind inf
completes doctor nvbind help doc
completes --detailed nvbind info --d
completes '--json --root --help' nvbind doctor --
completes "$top/a machine" nvbind info --root "$top/a"
completes "$top/a machine" nvbind info --root = "$top/a"
completes zsh nvbind completions z
completes '' nvbind info x
completes '' nvbind nothing --
# shellcheck disable=SC1091
. "$top/every.bash"
completes 'wayland x11' nvbind every --display ''
completes x11 nvbind every -d x
completes x11 nvbind every --colour = x
completes "$top/a machine" nvbind every --store "$top/a"
completes "$top/every.bash" nvbind every -t "$top/every.b"
completes '' nvbind every --env N
completes '--tty --timing' nvbind every --t
echo "1..$n"
exit $failed
