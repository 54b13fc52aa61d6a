/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* new_file.h - a file that is written piece by piece and appears when it is whole.
 *
 * Until then it has no name where the file system knows files without one (O_TMPFILE), so that even
 * a kill leaves nothing. What is no regular file (a pipe, a device) is written as it stands. */
#pragma once

#include "base/text.h"

struct nvb_new_file {
    int fd;          /* write here; owned */
    char *path;      /* owned */
    char *temporary; /* owned; its name so far, NULL when it has none */
    bool is_there;   /* no regular file: nothing is to be named */
};

/* `path` as the user gave it, from the current directory. */
bool nvb_new_file_open(const char *path, struct nvb_new_file *out, struct nvb_err *err);

/* Give it its name; what had it is replaced. */
bool nvb_new_file_finish(struct nvb_new_file *file, struct nvb_err *err);

/* One that was not finished is gone. */
void nvb_new_file_clear(struct nvb_new_file *file);
#define nvb_auto_new_file __attribute__((cleanup(nvb_new_file_clear))) struct nvb_new_file
