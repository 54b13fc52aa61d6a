/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* name.h - names of containers: links to their ids, so that the kernel decides who is first. */
#pragma once

#include "life/places.h"

/* NVB_E_CONFLICT: another container has it. A name whose container is gone is free. */
bool nvb_name_take(const struct nvb_places *places,
                   const char *name,
                   const char *id,
                   struct nvb_err *err);

/* Only if it is still that container's. */
void nvb_name_release(int names_fd, const char *name, const char *id);

/* Whatever names it has: for one that died before it could say. */
void nvb_name_release_all(int names_fd, const char *id);

/* False when nobody has it. */
bool nvb_name_find(int names_fd, const char *name, char out_id[NVB_ID_SIZE]);
