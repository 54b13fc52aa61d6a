/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* filter.h - the system call filter of "linux.seccomp", compiled by libseccomp. */
#pragma once

#include <linux/filter.h>

#include "base/json.h"

struct filter {
    struct sock_fprog program; /* owned; `filter` is NULL when there is none */
    unsigned flags;            /* of seccomp(2) */
};

bool filter_compile(const struct nvb_json *seccomp, struct filter *out, struct nvb_err *err);
void filter_clear(struct filter *filter);

/* For this process and all that it becomes. */
bool filter_load(const struct filter *filter, struct nvb_err *err);

/* The words that are known, for those who ask. */
void filter_list_actions(struct nvb_strv *out);
void filter_list_operators(struct nvb_strv *out);
void filter_list_architectures(struct nvb_strv *out);
void filter_list_flags(struct nvb_strv *out);
