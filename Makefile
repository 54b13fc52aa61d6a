# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# The doors of the house; Meson does the work. `make help` tells them.

PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
SOAK ?= 1000
MESON_ARGS ?=

.DEFAULT_GOAL := build
.PHONY: build demo check check-distros install bench fuzz soak format lint dist clean help

build: build/build.ninja
	@ninja -C build

build/build.ninja:
	@command -v meson >/dev/null && command -v ninja >/dev/null || \
	    { echo "meson and ninja are not here: run tools/install-deps build" >&2; exit 1; }
	@meson setup build $(MESON_ARGS)

demo:
	@tools/install-deps build demo
	@tools/configure build "$${CC:-cc}" $(MESON_ARGS)
	@tools/demo build

check:
	@tools/check

check-distros: build
	@tests/distros/run.sh build

install: build/build.ninja
	@test "$$(tools/build-option build prefix)" = "$(PREFIX)" || meson configure build -Dprefix="$(PREFIX)"
	@ninja --quiet -C build
	@DESTDIR="$(DESTDIR)" meson install --no-rebuild --quiet -C build
	@echo "installed below $(DESTDIR)$(PREFIX)"

bench:
	@tools/install-deps build ghostforge bench
	@tools/configure build-bench "$${CC:-gcc}" --buildtype=release
	@ninja -C build-bench bench

fuzz:
	@tools/install-deps build ghostforge check
	@tools/fuzz build-fuzz $(FUZZ_SECONDS)

soak: build
	@tools/soak build/cli/nvbind $(SOAK)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint:
	@tools/install-deps build ghostforge check
	@tools/lint build-lint

dist: build
	@meson dist -C build --formats gztar

clean:
	@rm -rf build build-check build-asan build-bench build-fuzz build-lint

help:
	@echo "make            build into build/"
	@echo "make demo       install packages, build, run a Vulkan program in a container and show what it did"
	@echo "make check      install packages, build with gcc and with clang's sanitizers, run every test"
	@echo "make check-distros  try package managers' hooks and systemd's units in Debians made from the network, as root"
	@echo "make install    install; PREFIX=/usr/local and DESTDIR= may be given"
	@echo "make bench      measure; results in build-bench/bench/*.json"
	@echo "make fuzz       fuzz every reader of foreign bytes, FUZZ_SECONDS=60 each"
	@echo "make soak       kill at random moments, SOAK=1000 times each, and look for what was torn"
	@echo "make lint       clang-tidy, gcc -fanalyzer and the style tests"
	@echo "make format     lay out the C as .clang-format says"
	@echo "make dist       a source archive that was built and tested"
	@echo "make clean      remove the build folders"
