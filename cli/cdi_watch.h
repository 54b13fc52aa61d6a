/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cdi_watch.h - the loop of `cdi refresh --watch`.
 *
 * What wakes it: the kernel's events about GPUs, names that come and go in /dev, in the directories
 * of specifications and in those of the driver's files, and a clock for what tells nobody (MIG
 * devices, and everything where events are refused). It waits for quiet, then looks at what costs
 * nothing (host/gpu_signs.h). Only when that is another than before, a child runs `cdi refresh`: that
 * reads about GPUs and asks NVML, so a GPU that sleeps wakes for it, and nothing of NVIDIA's stays in
 * this process. */
#pragma once

#include <stdbool.h>

struct nvb_err;

/* Goes on until SIGTERM, SIGINT or SIGHUP; true is a good end. `words` are files, ended by NULL, or none for the usual
 * directories. */
bool cdi_watch(char *const *words, struct nvb_err *err);
