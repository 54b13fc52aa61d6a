#!/bin/sh
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
# images.sh SUITE BUILD-FOLDER - images of a Debian's packages, run as root and as ordinary users.
here=$(dirname "$0")
NVBIND_TEST_IMAGES=${NVBIND_TEST_IMAGES:-$PWD/.cache/distros/images} PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$here/../system NVBIND_TEST_SUITE=$1
export NVBIND_TEST_IMAGES PYTHONPATH PYTHONDONTWRITEBYTECODE NVBIND_TEST_SUITE
exec "$here/images.py" "$2/cli/nvbind"
