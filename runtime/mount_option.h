/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* mount_option.h - the words among a mount's options that the kernel takes as flags; all others
 * are for the file system itself. */
#pragma once

#include "base/text.h"

struct mount_options {
    unsigned long flags;       /* MS_..., of words like "ro" */
    unsigned long cleared;     /* MS_..., of words like "rw": they win over what is inherited */
    unsigned long propagation; /* MS_SHARED and its kin, with MS_REC; 0: none */
    uint64_t tree_set;         /* MOUNT_ATTR_..., of words like "rro": for all that lies below */
    uint64_t tree_cleared;
    bool copies_up; /* a tmpfs begins with what it covers */
    bool is_mapped; /* ids are to be mapped */
    char *data;     /* owned; the rest, joined by commas; NULL when there is none */
};

void mount_options_read(const struct nvb_strv *words, struct mount_options *out);
void mount_options_clear(struct mount_options *options);

/* MOUNT_ATTR_... of the MS_... */
uint64_t mount_options_attributes(unsigned long flags);

/* The words that are known, for those who ask what this runtime can do. */
void mount_option_list(struct nvb_strv *out);
