/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* face.h - what a list of containers shows of one, and what must be cleaned up behind it: the line
 * that a running container has in its place, so that listing reads one small file each. */
#pragma once

#include "base/json.h"
#include "base/text.h"
#include "life/restart.h"

struct nvb_face {
    char *name;             /* owned; NULL = none */
    char *image;            /* owned */
    char *command;          /* owned; its words with blanks between */
    struct nvb_strv labels; /* "NAME=value" */
    uint64_t created_ns;    /* since 1970 */
    bool is_detached;
    unsigned stop_signal;
    unsigned stop_timeout_s;
    struct nvb_strv cgroups; /* its groups' directories */
    struct nvb_strv held;    /* driver views that stay as they are while it runs */
    struct nvb_restart_count count;
};

/* What the request says; cgroups come when they are made. */
void nvb_face_fill(struct nvb_face *face, const struct nvb_request *request, uint64_t created_ns);

/* One line without its end. */
char *nvb_face_dup_text(const struct nvb_face *face);
bool nvb_face_parse(const char *text, struct nvb_face *out);
void nvb_face_clear(struct nvb_face *face);
#define nvb_auto_face __attribute__((cleanup(nvb_face_clear))) struct nvb_face
