#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# What `make install` puts down: install.sh BUILD-FOLDER PREFIX C-COMPILER
# The tree stands below a DESTDIR, so whatever only works at its prefix fails here.
# shellcheck disable=SC2012,SC2020 # header names are plain; tr splits at either character
set -u
build=$(realpath "$1"); prefix=$2; shift 2; cc=$*
source=$(realpath "$(dirname "$0")/../..")
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
at=$T/root$prefix; n=0; failed=0
LC_ALL=C; export LC_ALL

report() { # report NAME OUTPUT : it failed when there is output
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"
    else failed=1; echo "not ok $n - $1"; printf '%s\n' "$2" | sed 's/^/# /'; fi
}

differ() { # differ FILE FILE : the lines that are in one only
    diff -U 0 "$1" "$2" | grep '^[-+][^-+]'
}

unfindable() { # which of stdin's paths are not installed
    while read -r path; do [ -e "$at/$path" ] || echo "$path is not there"; done
}

out=$(DESTDIR=$T/root meson install --no-rebuild --quiet -C "$build" 2>&1) && out=
report "it installs below a DESTDIR" "$out"

report "the program, the library and its pkg-config file are there" "$(unfindable <<LIST
bin/nvbind
libexec/nvbind/nvbind-fetch
lib/libnvbind.so
lib/libnvbind.so.0
lib/pkgconfig/nvbind.pc
LIST
)"
report "every public header is there" "$(cd "$source/include/nvbind" && ls -- *.h | sed 's|^|include/nvbind/|' | unfindable)"
report "no text names the build folder" "$(grep -rlIF "$build" "$at")"
report "nothing is looked for in the build folder" "$(readelf -d "$at/bin/nvbind" "$at/lib/libnvbind.so" | grep -E 'R(UN)?PATH')"

layer=share/vulkan/implicit_layer.d/VK_LAYER_GHOSTFORGE_frames.json
library=$(sed -n 's/.*"library_path": *"\(.*\)".*/\1/p' "$at/$layer")
report "the frame layer is where its manifest says" "$([ -n "$library" ] && [ -f "$T/root$library" ] || echo "'$library'")"
report "every profile is there" "$(cd "$source/data" && printf '%s\n' profiles/*.toml | sed 's|^|share/nvbind/|' | unfindable)"

report "what keeps specifications true is there" "$(unfindable <<LIST
lib/systemd/system/nvbind-cdi-refresh.service
lib/systemd/system/nvbind-cdi-refresh-once.service
lib/udev/rules.d/90-nvbind-cdi-refresh.rules
share/nvbind/hooks/nvbind-cdi-refresh.apt
share/nvbind/hooks/nvbind-cdi-refresh.hook
LIST
)"
report "and names the program where it is installed" "$(grep -rhoE '[^ "=]*/nvbind cdi refresh' "$at/lib/systemd" "$at/share/nvbind/hooks" |
    sort -u | while read -r program _; do [ -x "$T/root$program" ] || echo "$program is not there"; done; grep -rl @ "$at/lib/systemd" "$at/lib/udev")"
report "the rule starts a unit that is there" "$(grep -ho 'nvbind-[a-z-]*\.service' "$at"/lib/udev/rules.d/* | sort -u |
    sed 's|^|lib/systemd/system/|' | unfindable)"

# A name is public when a header says NVB_API and when the library exports it with our version.
sed 's/ *\*\///' "$source"/include/nvbind/*.h | tr '\n' ' ' | tr ';}' '\n\n' |
    sed -n 's/^.*NVB_API [^(]*[ *]\(nvb_[a-z0-9_]*\)(.*/\1/p' | sort >"$T/declared"
nm -D --defined-only "$at/lib/libnvbind.so" | sed -n 's/.* T \(.*\)@@NVBIND_0\.1$/\1/p' | sort >"$T/exported"
report "the library exports what the headers declare, no more and no less" "$(differ "$T/declared" "$T/exported")"
report "every exported name has a version" "$(nm -D --defined-only "$at/lib/libnvbind.so" | grep -v 'NVBIND_0\.1')"

PKG_CONFIG_LIBDIR=$at/lib/pkgconfig:$(pkg-config --variable pc_path pkg-config)
PKG_CONFIG_SYSROOT_DIR=$T/root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
# shellcheck disable=SC2046
out=$($cc -Wall -Wextra -Werror -o "$T/client" "$source/tests/package/client.c" $(pkg-config --cflags --libs nvbind) 2>&1) && out=
report "a program builds against it through pkg-config" "$out"

LD_LIBRARY_PATH=$at/lib "$T/client" 2>"$T/gpus" >"$T/got" || { cat "$T/gpus"; echo "it failed"; } >>"$T/got"
cat >"$T/want" <<WANT
libnvbind $(pkg-config --modversion nvbind)
client: no dragon here
  try: look under the mountain
WANT
report "that program runs" "$(differ "$T/want" "$T/got")"

for example in "$source"/examples/*.c; do
    name=$(basename "$example" .c)
    # shellcheck disable=SC2046
    out=$($cc -Wall -Wextra -Werror -o "$T/$name" "$example" $(pkg-config --cflags --libs nvbind) 2>&1) && out=
    report "the example $name builds" "$out"
done
python3 "$source/tests/machines/make.py" "$T/machines"; machine=$T/machines/nvidia-one
LD_LIBRARY_PATH=$at/lib "$T/list-gpus" "$machine" >"$T/got" 2>&1
report "list-gpus lists a machine's GPUs" "$(grep -q '^0: NVIDIA .*(nvidia, driver nvidia [0-9.]*' "$T/got" || cat "$T/got")"
LD_LIBRARY_PATH=$at/lib "$T/gaming-cdi" "$machine" >"$T/got" 2>&1
"$at/bin/nvbind" cdi generate --profile gaming --root "$machine" >"$T/want" 2>/dev/null
report "gaming-cdi writes what nvbind cdi generate does" "$(differ "$T/want" "$T/got"; [ -s "$T/got" ] || echo "nothing")"

if "$at/bin/nvbind" run host true 2>/dev/null; then
    LD_LIBRARY_PATH=$at/lib "$T/run-image" host /bin/sh -c 'echo inside; exit 7' >"$T/got" 2>"$T/told"
    echo "$?" >>"$T/got"
    printf 'inside\n7\n' >"$T/want"
    report "run-image runs a command and passes its end on" "$(differ "$T/want" "$T/got" && cat "$T/told")"
    LD_LIBRARY_PATH=$at/lib "$T/run-image" host /no/such >"$T/got" 2>&1
    report "it says that a command is not there" "$(grep -q "cannot run image 'host'" "$T/got" || cat "$T/got")"
    mkdir "$T/tree"; printf 'int main(void) { return 5; }\n' >"$T/five.c"; chmod 755 "$T"
    NVBIND_STORE=$T/store; export NVBIND_STORE
    if $cc -static -o "$T/tree/five" "$T/five.c" 2>/dev/null; then
        "$at/bin/nvbind" import "$T/tree" five >"$T/got" 2>&1
        LD_LIBRARY_PATH=$at/lib "$T/run-image" five /five >>"$T/got" 2>&1
        report "it runs an image of the store" "$([ $? = 5 ] || cat "$T/got")"
    fi
    NVBIND_STORE=$T/none LD_LIBRARY_PATH=$at/lib "$T/run-image" nothing true >"$T/got" 2>&1
    report "it says that an image is not here" "$(grep -q "there is no image 'nothing" "$T/got" || cat "$T/got")"
else
    n=$((n + 1)); echo "ok $n - run-image runs a command and passes its end on # SKIP nvbind run does not work here"
fi

"$at/bin/nvbind" --version >"$T/got" 2>&1
echo "nvbind $(pkg-config --modversion nvbind)" >"$T/want"
report "the installed program runs" "$(differ "$T/want" "$T/got")"

# Nothing says where it stands but its own place: no variable, no file of the user's.
env -i HOME="$T" "$at/bin/nvbind" profile list >"$T/got" 2>&1
report "the installed program finds its profiles" "$(cd "$source/data/profiles" &&
    for file in *.toml; do grep -q "^ *${file%.toml} " "$T/got" || echo "${file%.toml} is not in: $(cat "$T/got")"; done)"
env -i HOME="$T" "$at/bin/nvbind" run --profile gaming --print=edits host -- true >"$T/got" 2>&1
report "the installed program finds its layer" "$(grep -qF "$at/lib/nvbind" "$T/got" || cat "$T/got")"

echo "1..$n"
exit $failed
