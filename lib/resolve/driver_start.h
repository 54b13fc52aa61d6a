/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_start.h - what a start with an NVIDIA GPU needs of its driver, decided once and kept.
 *
 * To find a driver's files costs milliseconds, to read what was found last time microseconds.
 * The text of it (one word and its value a line) lies beside the views; it holds as long as
 * everything that was looked at (`watches`) has the same inode, size and time, so a package
 * update, ldconfig or a changed directory makes the next start look anew. */
#pragma once

#include "resolve/plan.h"

struct nvb_driver_start {
    char *view;              /* owned; path of the view on the host; NULL: none is needed */
    char *layer;             /* owned; path of what lies over the image (driver_layer.h); or NULL */
    char *vulkan_icd;        /* owned; path in the container; NULL: none was found */
    struct nvb_strv watches; /* "INODE SIZE MTIME_NS PATH" */
    struct nvb_strv links;   /* "CONTAINER_PATH TARGET" */
    struct nvb_strv sockets; /* the same path on the host and in the container */
    struct nvb_strv reasons;
    struct nvb_strv warnings;
};

void nvb_driver_start_clear(struct nvb_driver_start *start);
#define nvb_auto_driver_start \
    __attribute__((cleanup(nvb_driver_start_clear))) struct nvb_driver_start

/* Watch a path as it is now; an absent one, too. */
void nvb_driver_start_watch(struct nvb_driver_start *start, const char *path);

char *nvb_driver_start_dup_text(const struct nvb_driver_start *start);

/* Read the kept text and hold it against the machine. False when there is none, when anything
 * has changed, or when what it names is gone: no error, only a reason to look. */
bool nvb_driver_start_read(const char *path, struct nvb_driver_start *out);

/* The edits it stands for. */
void nvb_driver_start_apply(const struct nvb_driver_start *start, struct nvb_plan *plan);
