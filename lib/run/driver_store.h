/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* driver_store.h - the driver views of this machine, or of one user: built once, never changed,
 * held while a container uses them.
 *
 *   DIR/NAME/           a view; it has its manifest, or it is none
 *   DIR/.new-NAME-PID-N one that is being built; its builder holds a lock on it
 *   DIR/.old-NAME-PID-N one that is being removed
 *   DIR/.lock           held by the builder and touched after each file
 *
 * A view is renamed into its place when all of it is on the disk, so a crash leaves a temporary
 * directory (unlocked, since the kernel lets go of a dead process's locks: the next builder
 * removes it) or a whole view. A second builder waits for the first as long as that one makes
 * progress, then builds its own; whose rename comes first wins, the other takes that view. */
#pragma once

#include "resolve/driver_view.h"

/* An existing view, as a directory descriptor with a shared lock: as long as it is open the view
 * stays. -1 when there is none. About 4 us. */
int nvb_driver_store_hold(const char *dir, const char *name);

/* Hold the plan's view; build it first when it is not there. */
bool nvb_driver_store_build(const char *dir,
                            const struct nvb_host *host,
                            const struct nvb_view_plan *plan,
                            int *out_fd,
                            struct nvb_err *err);

/* Hold each file against the manifest, its contents included: what is missing, changed or too
 * much, one line each. False when there is no such view or it cannot be read. */
bool nvb_driver_store_check(const char *dir,
                            const char *name,
                            struct nvb_strv *out_faults,
                            struct nvb_err *err);

/* What is in a store: whole views and the like by name, and what killed builders and removers left,
 * or views that lost their manifest. An absent store is empty. */
void nvb_driver_store_list(const char *dir, struct nvb_strv *out_names, struct nvb_strv *out_left);

/* Remove a view, or another directory of the store, that no container holds; even one that a
 * specification names. */
void nvb_driver_store_remove(const char *dir, const char *name);

/* Remove what dead builders left, and views of versions other than `keep_versions` (may be NULL)
 * that no container holds and no CDI specification of the machine names. */
void nvb_driver_store_sweep(const char *dir, const struct nvb_strv *keep_versions);
