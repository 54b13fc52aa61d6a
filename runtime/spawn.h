/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* spawn.h - a child in the namespaces that a spec wants: those with a path are joined, the others
 * are new; the cgroup namespace alone is left to the child, which must be in its cgroup first. */
#pragma once

#include <sys/types.h>

#include "spec.h"

/* `run` is the child; what it returns is its exit status. */
bool spawn(const struct spec *spec,
           int (*run)(void *data),
           void *data,
           pid_t *out_pid,
           struct nvb_err *err);

/* The same in all namespaces of a process. */
bool spawn_beside(pid_t pid,
                  int (*run)(void *data),
                  void *data,
                  pid_t *out_pid,
                  struct nvb_err *err);

/* The ids of a new user namespace. */
bool spawn_write_maps(const struct spec *spec, pid_t pid, struct nvb_err *err);
