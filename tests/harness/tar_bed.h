/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* tar_bed.h - tar archives made byte by byte, also such as tar(1) would never write. */
#pragma once

#include "base/text.h"

struct tar_entry {
    char type; /* '0' file, '1' hard link, '2' link, '3' '4' devices, '5' directory, '6' fifo */
    const char *name;
    const char *link;    /* of type 1 and 2 */
    const char *content; /* of type 0 and x */
    unsigned mode;       /* 0: 0644, of a directory 0755 */
    unsigned uid;
    unsigned gid;
    unsigned long long mtime;
    unsigned long long size; /* what the header says when it is not the content's */
};

void tar_add(struct nvb_buf *archive, const struct tar_entry *entry);
/* A pax header before the next entry, of one record "KEY=VALUE" or of several. */
void tar_pax_record(struct nvb_buf *records, const char *key, const void *value, size_t len);
void tar_add_pax(struct nvb_buf *archive, const struct nvb_buf *records);
void tar_end(struct nvb_buf *archive);
