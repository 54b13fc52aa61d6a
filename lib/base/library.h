/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* library.h - a shared library that is opened only where it is needed.
 *
 * Loading one costs a program's start some 60 us, whether it is used or not; most commands, and
 * `run` above all, do without libseccomp and libyaml. They are ordinary dependencies all the same:
 * built against their headers and named by the package. */
#pragma once

#include "nvbind/error.h"

/* Where a function's address goes: a pointer to a function pointer. */
struct nvb_symbol {
    const char *name;
    void *out_function;
};

/* Open `soname` and look up every symbol; the list ends with a NULL name. `install` is the hint
 * when it is missing. *out_handle is for nvb_library_close(). */
bool nvb_library_open(const char *soname,
                      const char *install,
                      const struct nvb_symbol *symbols,
                      void **out_handle,
                      struct nvb_err *err);
void nvb_library_close(void **handle); /* NULL is fine */
