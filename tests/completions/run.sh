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
completes '--version --help' nvbind --
completes doctor nvbind help doc
completes '' nvbind help doctor ''
completes '' nvbind help nothing ''
completes 'generate check refresh list validate' nvbind cdi ''
completes 'generate check refresh list validate' nvbind help cdi ''
completes validate nvbind cdi v
completes --help nvbind cdi --
completes '' nvbind cdi nothing ''
completes '--json --root --dir --help' nvbind cdi list --
completes '--json --root --dir --help' nvbind cdi --json list --
completes '--dir' nvbind cdi --root / list --d
completes '' nvbind cdi list v
completes 'nvidia amd intel' nvbind cdi generate --vendor ''
completes "$top/every.zsh" nvbind cdi validate "$top/every.z"
completes '--why --game --set --json --help' nvbind profile show gaming --
XDG_CONFIG_HOME=/proc/nonexistent; export XDG_CONFIG_HOME
mkdir "$top/bin" && ln -s "$NVBIND" "$top/bin/nvbind"; PATH=$top/bin:$PATH # what is asked for names
completes gaming nvbind profile show g
completes 'handheld high-performance-gaming' nvbind run --profile h
completes wine.esync nvbind profile set gaming wine.es
completes flatout-3 nvbind run --game fl
completes '' nvbind profile new g
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
completes 'nest leaf' nvbind group ''
completes inner nvbind group nest ''
completes inner nvbind help group nest ''
completes '--tty --display --env --timing --colour --report --store --help' nvbind group nest inner --
completes 'on off' nvbind group nest inner ''
completes '--tty --timing' nvbind every --t

# What fish itself would offer, without the descriptions.
in_fish() { # SCRIPT LINE
    HOME=$top fish --no-config -c "source '$1'; complete -C '$2'" | cut -f 1 | sort | xargs
}
fish_completes() { # WANTED SCRIPT LINE
    if ! command -v fish >/dev/null; then
        n=$((n + 1)); echo "ok $n - fish: '$3' gives '$1' # SKIP fish is not installed"; return
    fi
    got=$(in_fish "$top/$2" "$3")
    [ "$got" = "$1" ] && tell yes "fish: '$3' gives '$1'" && return
    tell no "fish: '$3' gives '$1'"; echo "# got '$got'"
}
fish_completes 'cdi completions cp' fish 'nvbind c'
fish_completes '--help --version' fish 'nvbind --'
fish_completes 'check generate list refresh validate' fish 'nvbind cdi '
fish_completes 'check generate list refresh validate' fish 'nvbind help cdi '
fish_completes '--dir --help --json --root' fish 'nvbind cdi --root / list --'
fish_completes '--game --help --json --set --why' fish 'nvbind profile show gaming --'
fish_completes 'gaming' fish 'nvbind profile show gam'
fish_completes 'wine.esync' fish 'nvbind profile set gaming wine.es'
fish_completes 'amd intel nvidia' fish 'nvbind cdi generate --vendor '
fish_completes '' fish 'nvbind nothing '
fish_completes '' fish 'nvbind cdi list '
fish_completes 'leaf nest' every.fish 'nvbind group '
fish_completes 'inner' every.fish 'nvbind help group nest '
fish_completes 'off on' every.fish 'nvbind group nest inner '

# What zsh's script hands over to zsh's own functions: the words of the commands, the names of options.
cat >"$top/ask.zsh" <<'END'
compdef() { :; }
_describe() { local -a rows=("${(@P)@[-1]}"); print -rl -- ${rows%%:*}; }
_arguments() {
    for spec in "${@#\*}"; do
        case $spec in
        (1:*) ((CURRENT == 2)) && print -rl -- ${=${${spec##*\(}%%\)*}} ;;
        (--*) print -r -- ${spec%%[=\[]*} ;;
        esac
    done
}
. $1
shift
words=("$@") CURRENT=$#
_nvbind
END
zsh_completes() { # WANTED SCRIPT WORD...
    local wanted=$1 script=$2; shift 2
    if ! command -v zsh >/dev/null; then
        n=$((n + 1)); echo "ok $n - zsh: '$*' gives '$wanted' # SKIP zsh is not installed"; return
    fi
    got=$(zsh -f "$top/ask.zsh" "$top/$script" "$@" | xargs)
    [ "$got" = "$wanted" ] && tell yes "zsh: '$*' gives '$wanted'" && return
    tell no "zsh: '$*' gives '$wanted'"; echo "# got '$got'"
}
# All that the help lists, in its order.
all=$("$NVBIND" --help | sed -n '/^commands/,/^$/s/^  \([a-z]*\) .*/\1/p' | tr '\n' ' ')
zsh_completes "$all--version" zsh nvbind ''
zsh_completes 'generate check refresh list validate' zsh nvbind cdi ''
zsh_completes 'generate check refresh list validate' zsh nvbind help cdi ''
zsh_completes '' zsh nvbind cdi nothing ''
zsh_completes '--json --root --dir' zsh nvbind cdi --root / list --
zsh_completes '--why --game --set --json' zsh nvbind profile show gaming --
zsh_completes 'bash zsh fish' zsh nvbind completions ''
zsh_completes 'nest leaf' every.zsh nvbind group ''
zsh_completes 'inner' every.zsh nvbind help group nest ''
zsh_completes '--tty --display --env --timing --colour --report --store on off' every.zsh nvbind group nest inner ''
echo "1..$n"
exit $failed
