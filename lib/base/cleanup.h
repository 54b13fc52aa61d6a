/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* cleanup.h - scope-bound release of memory, descriptors and our own objects.
 *
 * The names mirror GLib's (g_autofree, g_autoptr, g_steal_pointer), so that a
 * reader moves between the library and GhostForge without relearning. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

static inline void nvb_autofree_fn(void *p)
{
    free(*(void **)p);
}

static inline void nvb_autoclose_fn(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

#define nvb_autofree  __attribute__((cleanup(nvb_autofree_fn)))
#define nvb_autoclose __attribute__((cleanup(nvb_autoclose_fn)))

/* nvb_autoptr(nvb_device) dev = NULL;  frees `struct nvb_device *` on scope exit. */
#define nvb_autoptr(tag) __attribute__((cleanup(tag##_autoptr_fn))) struct tag *

#define NVB_DEFINE_AUTOPTR(tag, free_fn)                \
    static inline void tag##_autoptr_fn(struct tag **p) \
    {                                                   \
        free_fn(*p);                                    \
    }

/* Move a value out of an automatic variable, leaving it empty. */
#define nvb_steal(pp)                      \
    __extension__({                        \
        __typeof__(*(pp)) stolen_ = *(pp); \
        *(pp) = NULL;                      \
        stolen_;                           \
    })

static inline int nvb_steal_fd(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}
