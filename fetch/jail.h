/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* jail.h - the walls around everything that reads hostile bytes.
 *
 *   nvbind-fetch ─ fork ─> new user, mount, ipc, uts (and network) namespaces ─ fork ─> pid 1 of a new
 *     pid namespace: its root is a tmpfs that holds the store and what the word names, nothing
 *     else; its ids are the store's; no_new_privs, limits, and a filter of the system calls that
 *     unpacking needs
 *
 * The first process only opens files, writes the id maps, passes signals on and waits. Killing any
 * of them kills those behind it; when nobody reads the report any longer, the work is stopped. */
#pragma once

#include "image/store_ids.h"

enum {
    JAIL_VIEWS_MAX = 16
};

/* A file or directory that is visible inside. */
struct jail_view {
    int fd;         /* owned by the jail; O_PATH is enough */
    const char *at; /* borrowed; "/input"; parents are made */
    bool is_writable;
};

struct jail {
    struct nvb_store_ids ids;
    struct jail_view views[JAIL_VIEWS_MAX]; /* the store is one, at "/store" */
    size_t n_views;
    bool has_network; /* the caller's; else a new one, without even a loopback */
};

void jail_add(struct jail *jail, int take_fd, const char *at, bool is_writable);
void jail_clear(struct jail *jail);
#define auto_jail __attribute__((cleanup(jail_clear))) struct jail

/* Run `work` inside, as a process of its own, to its end; *out_status is what it returned, or 128
 * and its signal. False when the jail could not be built: then work was never called. Every
 * descriptor of ours is open inside, too. */
bool jail_run(const struct jail *jail,
              int (*work)(void *data),
              void *data,
              int *out_status,
              struct nvb_err *err);
