/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* own_file.h - a TOML file of the user's that is changed: read, edited and written under a lock.
 *
 * The lock is ~/.config/nvbind/.lock, of all programs of this project, so that of two changes at
 * once neither is lost. A file that was changed by others between reading and writing (an editor
 * knows no lock) is left alone. The write is whole or absent, and goes where a link leads. */
#pragma once

#include <sys/stat.h>

#include "base/toml.h"

struct nvb_own_file {
    int lock_fd;
    char *path; /* owned; no link any more */
    struct nvb_toml *doc;
    struct stat seen; /* of the file that was read; st_nlink 0: there was none */
};

#define NVB_OWN_FILE_INIT \
    {                     \
        .lock_fd = -1     \
    }

/* Lock, and read what is there; an absent file is an empty document. */
bool nvb_own_file_open(const char *path, struct nvb_own_file *out, struct nvb_err *err);

/* In place of what was read: the text of another file. */
bool nvb_own_file_take(struct nvb_own_file *file,
                       const char *text,
                       size_t len,
                       struct nvb_err *err);

/* Write the document, or remove the file. */
bool nvb_own_file_write(const struct nvb_own_file *file, struct nvb_err *err);
bool nvb_own_file_remove(const struct nvb_own_file *file, struct nvb_err *err);
void nvb_own_file_clear(struct nvb_own_file *file);
#define nvb_auto_own_file __attribute__((cleanup(nvb_own_file_clear))) struct nvb_own_file
