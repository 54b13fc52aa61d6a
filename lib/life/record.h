/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* record.h - what a detached container was asked to be, and how it ended last. */
#pragma once

#include "life/places.h"
#include "nvbind/request.h"

struct nvb_record {
    char id[NVB_ID_SIZE];
    uint64_t created_ns;         /* since 1970 */
    struct nvb_request *request; /* owned, unless it is only to be written */
};

/* Make the container's directory and its container.json, on the disk when it returns. */
bool nvb_record_write(int containers_fd, const struct nvb_record *record, struct nvb_err *err);

/* NVB_E_NOT_FOUND: there is none. */
bool nvb_record_read(int containers_fd,
                     const char *id,
                     struct nvb_record **out_record,
                     struct nvb_err *err);
void nvb_record_free(struct nvb_record *record);
NVB_DEFINE_AUTOPTR(nvb_record, nvb_record_free)

/* The container's directory; -1 with errno. */
int nvb_record_open_dir(int containers_fd, const char *id);

/* A user stopped it; the directory's descriptor. */
bool nvb_record_set_stopped(int dir_fd, bool is_stopped, struct nvb_err *err);
bool nvb_record_is_stopped(int dir_fd);

/* Did it ever start? */
bool nvb_record_has_started(int dir_fd);
