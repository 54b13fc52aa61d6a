/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_named.h - which driver views the machine's CDI specifications name. Private to lib/run.
 *
 * Other engines mount such a view at every start of a container and hold no lock of ours, so it
 * stays as long as a file of /etc/cdi or /run/cdi has its name, whoever wrote the file. */
#pragma once

#include <stdbool.h>

/* A file or directory that cannot be read may have it, too. */
bool nvb_driver_is_named(const char *name);
