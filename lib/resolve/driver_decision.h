/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_decision.h - whether a container needs a driver view, and which: from facts alone. */
#pragma once

#include "base/text.h"

enum nvb_view_wish {
    NVB_VIEW_AUTO = 0, /* where programs would not find the right driver otherwise */
    NVB_VIEW_ALWAYS,
};

struct nvb_view_facts {
    enum nvb_view_wish wish;
    bool is_host_image;         /* the container has the machine's own /usr and ld.so.cache */
    const char *kernel_version; /* of the loaded module; NULL when none is */
    const char *cuda_version;   /* of what ld.so.cache gives for libcuda.so.1; NULL: not named, */
    const char *glx_version;    /* "": named, but the file is gone or has no version */
    const char *files_version; /* of the driver's files on this machine; NULL when there are none */
    bool has_view;             /* a view of the module's version stands ready */
};

enum nvb_view_verdict {
    NVB_VIEW_NONE = 1, /* not needed, or nothing to make it of */
    NVB_VIEW_MAKE,     /* of the files found */
    NVB_VIEW_READY,    /* of files that are gone */
};

struct nvb_view_decision {
    enum nvb_view_verdict verdict;
    char *reason;  /* owned; one sentence for plan->reasons */
    char *warning; /* owned; NULL when all is well */
};

void nvb_view_decide(const struct nvb_view_facts *facts, struct nvb_view_decision *out);
void nvb_view_decision_clear(struct nvb_view_decision *decision);
#define nvb_auto_view_decision \
    __attribute__((cleanup(nvb_view_decision_clear))) struct nvb_view_decision
